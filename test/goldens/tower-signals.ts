import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Signals } from "prumerge/reduce";
import { buildVision } from "../../src/graphs/vision.js";
import { gridSide } from "../../src/models/spec.js";
import { earlierLayers } from "../../src/reduce/need.js";
import { loadEngine } from "../../src/runtime/load-engine.js";
import { tinyTower, writeGraphsTo } from "../support/recorded-vision.js";

/**
 * What a recorded tower's vision graph shows of pixels, every signal that a method can ask for.
 *
 * @param folder `config.json` and `model.safetensors` of the tower alone
 * @param pixels float32 [3, S, S]
 * @param featureLayer counted from the last hidden state, -1
 */
export async function towerSignals(
  folder: string,
  pixels: Float32Array,
  featureLayer: number,
): Promise<Signals> {
  const model = tinyTower(folder, featureLayer);
  const { vision } = model.spec;
  const temporary = mkdtempSync(join(tmpdir(), "prumerge-tower-"));
  try {
    writeGraphsTo(temporary, model, {
      "vision.onnx": (weights) => buildVision(model.spec, weights, { layers: earlierLayers }),
    });
    const engine = await loadEngine(temporary, { worker: false });
    const side = gridSide(vision);
    const { classToken, heads, imageSize } = vision;
    const layers = [-1, ...earlierLayers.filter((layer) => -layer <= vision.layers)];
    const wish = { patches: true, layers, classFeatures: true };
    const view = { data: pixels, height: imageSize, width: imageSize };
    const run = await engine.see(view, "identity", wish);
    await engine.dispose();
    return {
      grid: { rows: side, columns: side },
      classToken,
      heads,
      patches: run.patches!,
      ...run.lastLayer!,
      ...(run.layers !== undefined && { layers: run.layers }),
      ...(run.classFeatures !== undefined && { classFeatures: run.classFeatures }),
    };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
