/** Your own method: a reducer says which patches each visual token is the weighted sum of; the rest is done for it. */
import { loadModel, type Reducer } from "prumerge";

/** Keeps the patches with the largest features, in raster order, and merges nothing. */
function loudestPatches(tokens: number): Reducer {
  return {
    method: "loudest",
    options: { tokens },
    graphSettings: () => undefined, // the vision graph does not know it: planned here, projected by projector.onnx
    plan({ grid, patches }) {
      const loudness = Array.from({ length: patches.rows }, (_, patch) =>
        Math.hypot(...patches.data.subarray(patch * patches.columns, (patch + 1) * patches.columns)),
      );
      const loudestFirst = [...loudness.keys()].sort((a, b) => loudness[b]! - loudness[a]! || a - b);
      const kept = Int32Array.from(loudestFirst.slice(0, tokens)).sort();
      return {
        patches: patches.rows,
        grid,
        keptPatches: kept,
        offsets: Int32Array.from({ length: tokens + 1 }, (_, row) => row), // one patch in each row,
        columns: kept.slice(), // its own,
        weights: new Float32Array(tokens).fill(1), // unchanged
      };
    },
  };
}

const picture = new URL("../models/pocket-llava/samples/sample_2.png", import.meta.url);
const model = await loadModel();
const seen = await model.see(picture, loudestPatches(48));
const { text } = await model.answer(seen, "What is in the image?").result;
console.log(`${seen.statistics.method}: ${seen.statistics.visualTokens} visual tokens. ${text}`);
await model.dispose();
