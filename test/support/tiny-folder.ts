import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDecoder } from "../../src/graphs/decoder.js";
import { buildMergedDecoder } from "../../src/graphs/decoder-merged.js";
import { buildEmbedTokens } from "../../src/graphs/embed-tokens.js";
import {
  GraphWeights,
  type Precision,
  type WeightOptions,
  type WeightRecipe,
} from "../../src/graphs/weights.js";
import type { ModelSpec } from "../../src/models/spec.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { materialize } from "./materialize.js";
import type { FixtureTensor } from "./safetensors.js";

const suffixes: Readonly<Record<Precision, string>> = {
  float32: "",
  float16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  q4: "_q4",
};

export interface TinyFolder {
  /** The model folder; its graphs lie in `onnx/`. */
  readonly path: string;
  /** Graph files, the decoder that keeps the logits of all positions among them. */
  readonly decoder: string;
  readonly everyPosition: string;
  readonly merged: string;
}

/** Writes the language half of a tiny model into a new temporary folder, in every form, in one precision. */
export function writeLanguageFolder(
  spec: ModelSpec,
  checkpoint: ReadonlyMap<string, FixtureTensor>,
  options: WeightOptions = { precision: "float32" },
): TinyFolder {
  const path = mkdtempSync(join(tmpdir(), "prumerge-tiny-"));
  const onnx = join(path, "onnx");
  mkdirSync(onnx);
  const suffix = suffixes[options.precision];
  const place = (stem: string) => new WeightFile<WeightRecipe>(`${stem}${suffix}.onnx_data`);

  const embedFile = place("embed_tokens");
  const embed = buildEmbedTokens(spec, new GraphWeights(embedFile, options));
  materialize(onnx, { [`embed_tokens${suffix}.onnx`]: embed }, embedFile, checkpoint);

  const file = place("decoder_model_merged");
  const weights = new GraphWeights(file, options);
  const graphs = {
    [`decoder${suffix}.onnx`]: buildDecoder(spec, weights),
    [`every_position${suffix}.onnx`]: buildDecoder(spec, weights, { logits: "all" }),
    [`decoder_model_merged${suffix}.onnx`]: buildMergedDecoder(spec, weights),
  };
  materialize(onnx, graphs, file, checkpoint);
  const [decoder, everyPosition, merged] = Object.keys(graphs).map((name) => join(onnx, name));
  return { path, decoder: decoder!, everyPosition: everyPosition!, merged: merged! };
}
