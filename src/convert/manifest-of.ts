import { basename, resolve } from "node:path";
import { type Manifest, manifestFormat } from "../folder/manifest.js";
import type { PreprocessSpec } from "../image/preprocess-spec.js";
import { manifestName } from "../models/names.js";
import { version } from "../version.js";
import type { ModelLayout, PartDtypes } from "./layout.js";
import type { PlanOptions } from "./options.js";
import type { Checkpoint } from "./source/checkpoint.js";

interface Described {
  readonly checkpoint: Checkpoint;
  readonly layout: ModelLayout;
  readonly dtypes: PartDtypes;
  readonly bakedTokens?: number;
  readonly preprocessing: PreprocessSpec;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly name: string;
  readonly options: PlanOptions;
}

/** `prumerge.json` of a conversion. Folders given by the caller are recorded by name only: paths mean nothing elsewhere. */
export function manifestOf(described: Described): Manifest {
  const { checkpoint, layout, dtypes, bakedTokens, preprocessing, files, name, options } = described;
  const graphs = Object.fromEntries(
    Object.entries(layout.names).map(([role, file]) => [role, `onnx/${file}`]),
  ) as unknown as Manifest["graphs"];
  const { visionTower, lora, projector, world } = options;
  const fileName = (path: string) => basename(resolve(path));
  return {
    format: manifestFormat,
    writtenBy: `prumerge ${version}`,
    source: {
      name,
      layout: checkpoint.layout,
      ...(visionTower !== undefined && { visionTower: options.visionTowerName ?? fileName(visionTower) }),
      ...(lora !== undefined && { lora: options.loraName ?? fileName(lora) }),
      ...(projector !== undefined && { projector: fileName(projector) }),
    },
    dtypes,
    graphs,
    ...(bakedTokens !== undefined && { bakedTokens }),
    spec: checkpoint.spec,
    preprocessing,
    imageToken: checkpoint.specialTokens.image,
    eosTokenIds: checkpoint.specialTokens.endOfSequenceIds,
    ...(world !== undefined && { world }),
    files,
  };
}

export function serializeManifest(manifest: Manifest): { path: string; bytes: Uint8Array } {
  return { path: manifestName, bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) };
}
