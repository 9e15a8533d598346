import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import type { ModelFolder } from "prumerge/convert";
import { embedTokens } from "../../src/graphs/contract.js";
import { buildDecoder } from "../../src/graphs/decoder.js";
import { GraphWeights, type WeightRecipe } from "../../src/graphs/weights.js";
import { rowWidth } from "../../src/models/spec.js";
import { ModelProtoSchema } from "../../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { openSession } from "../../src/runtime/ort.js";
import { int64Tensor } from "../support/ort.js";
import { runDecoder } from "../support/run-decoder.js";

/**
 * The language model of a converted fp32 folder with the logits of every position: the shipped decoder's builder over
 * the shipped weight file, with nothing but the choice of rows changed.
 */
export class EveryPosition {
  readonly #folder: ModelFolder;
  readonly path: string;

  constructor(folder: ModelFolder) {
    this.#folder = folder;
    const weights = new WeightFile<WeightRecipe>("decoder_model_merged.onnx_data");
    const { spec, path } = folder;
    const graph = buildDecoder(spec, new GraphWeights(weights, { precision: "float32" }), { logits: "all" });
    this.path = join(path, "onnx", "every_position.onnx");
    writeFileSync(this.path, toBinary(ModelProtoSchema, graph));
  }

  /**
   * Logits [L, V] over prompt embeddings [L, W].
   *
   * @param positions axis by axis; default: 0 and on
   */
  logits(embeddings: Float32Array, positions?: readonly number[]): Promise<Float32Array> {
    return runDecoder(this.path, this.#folder.spec, embeddings, positions);
  }

  /**
   * Prompt embeddings [L, D] from recorded ids, in which runs of `placeholder` stand for the visual tokens, one run for each
   * picture.
   *
   * @param visual [R, D] of each picture
   */
  async embeddings(
    ids: Int32Array,
    placeholder: number,
    ...visual: readonly Float32Array[]
  ): Promise<Float32Array> {
    const session = await openSession(this.#folder.graphs.embedTokens, { threads: 1 });
    const words = ids.filter((id) => id !== placeholder);
    const out = await session.run({ [embedTokens.ids]: int64Tensor(words, [1, words.length]) });
    await session.dispose();
    const rows = out[embedTokens.embeddings]!.data as Float32Array;
    const hiddenSize = rowWidth(this.#folder.spec.language);
    const pictures = visual.values();
    let word = 0;
    const parts = [...ids].flatMap((id, at) => {
      if (id !== placeholder) return [rows.subarray(word * hiddenSize, ++word * hiddenSize)];
      return ids[at - 1] === placeholder ? [] : [pictures.next().value as Float32Array];
    });
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
