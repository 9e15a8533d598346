import type { GraphBuilder, Value } from "../onnx/builder.js";
import { add, cast, matMul, matMulIntegerToFloat, matMulNBits, mul } from "../onnx/ops/index.js";
import type { WeightFile } from "../onnx/weight-file.js";
import { type IntegerRows, integerRows } from "./integer-rows.js";

/**
 * How linear layers are stored. `float16` is a storage form: arithmetic stays in float32. `q8` and `q4` are blocks of a weight's input,
 * `int8` has one scale for each of its outputs, and is multiplied in whole numbers.
 */
export type Precision = "float32" | "float16" | "q8" | "int8" | "q4";

/** Quantisation blocks run along a weight's input, as MatMulNBits wants them. */
export const blockSize = 32;

/**
 * How the bytes of one placed weight come from a checkpoint tensor: plain data, so that a worker thread can carry it
 * out. `source` is a canonical tensor name (see `graphs/names.ts` and `convert/`).
 */
export type WeightRecipe =
  | {
      readonly op: "copy";
      readonly source: string;
      readonly shape: readonly number[];
      readonly type: "float32" | "float16";
    }
  | {
      readonly op: "transpose"; // [rows, columns] in the checkpoint, [columns, rows] in the graph
      readonly source: string;
      readonly rows: number;
      readonly columns: number;
      readonly type: "float32" | "float16";
    }
  | {
      readonly op: "quantize"; // symmetric, blocks of `blockSize` along columns; the two parts share one pass
      readonly source: string;
      readonly rows: number;
      readonly columns: number;
      readonly bits: 4 | 8;
      readonly part: "blocks" | "scales";
    }
  | {
      readonly op: "integers"; // symmetric, a scale for each row of the checkpoint; [columns, rows] in the graph
      readonly source: string;
      readonly rows: number;
      readonly columns: number;
      readonly part: "whole" | "scales";
    };

/** Shape of the checkpoint tensor that a recipe reads. */
export function recipeShape(recipe: WeightRecipe): readonly number[] {
  return recipe.op === "copy" ? recipe.shape : [recipe.rows, recipe.columns];
}

/** Every checkpoint tensor that graphs placed in a file, with its shape there, in the order in which they asked for it. */
export function placedTensors({ placements }: WeightFile<WeightRecipe>): Map<string, readonly number[]> {
  return new Map(placements.map(({ recipe }) => [recipe.source, recipeShape(recipe)]));
}

export interface WeightOptions {
  readonly precision: Precision;
  /** MatMulNBits arithmetic: 4 (int8 activations, default) or 0 (float32, for comparisons). */
  readonly accuracyLevel?: 0 | 4;
}

/** Places a model's weights into one external data file, in the stored precision, and gives them back as float32 values. */
export class GraphWeights {
  readonly #accuracyLevel: 0 | 4;
  /** Rows that several layers multiply are made whole numbers once. */
  readonly #integerRows = new WeakMap<Value, IntegerRows>();

  constructor(
    readonly file: WeightFile<WeightRecipe>,
    readonly options: WeightOptions,
  ) {
    this.#accuracyLevel = options.accuracyLevel ?? 4;
  }

  /**
   * A tensor used as it is: norms, biases, embeddings. Quantised models keep these in float32.
   *
   * @param key what it is called in graphs, where the checkpoint's name means something else there
   */
  tensor(graph: GraphBuilder, source: string, shape: readonly number[], key = source): Value {
    return cast(this.stored(graph, source, shape, key), "float32");
  }

  /** Like {@link tensor}, in the type it is stored in. */
  stored(graph: GraphBuilder, source: string, shape: readonly number[], key = source): Value {
    const type = this.options.precision === "float16" ? "float16" : "float32";
    return graph.weight(this.file, key, type, shape, { op: "copy", source, shape, type });
  }

  /** x W^T (+ bias) with W [outSize, inSize] in the checkpoint. */
  linear(x: Value, source: string, outSize: number, inSize: number, bias?: string): Value {
    const product = this.#product(x, source, outSize, inSize);
    return bias === undefined ? product : add(product, this.tensor(x.graph, bias, [outSize]));
  }

  #product(x: Value, source: string, rows: number, columns: number): Value {
    const { precision } = this.options;
    if (precision === "float32" || precision === "float16") {
      const recipe = { op: "transpose", source, rows, columns, type: precision } as const;
      const weight = x.graph.weight(this.file, `${source}.transposed`, precision, [columns, rows], recipe);
      return matMul(x, cast(weight, "float32"));
    }
    if (precision === "int8") return this.#integerProduct(x, source, rows, columns);
    const bits = precision === "q4" ? 4 : 8;
    const perRow = Math.ceil(columns / blockSize);
    const recipe = { op: "quantize", source, rows, columns, bits } as const;
    const blocks = x.graph.weight(
      this.file,
      `${source}.q${bits}`,
      "uint8",
      [rows, perRow, (blockSize * bits) / 8],
      {
        ...recipe,
        part: "blocks",
      },
    );
    const scales = x.graph.weight(this.file, `${source}.q${bits}.scales`, "float32", [rows, perRow], {
      ...recipe,
      part: "scales",
    });
    const shape = {
      outSize: rows,
      inSize: columns,
      bits,
      blockSize,
      accuracyLevel: this.#accuracyLevel,
    } as const;
    return matMulNBits(x, { blocks, scales, ...shape });
  }

  #integerProduct(x: Value, source: string, rows: number, columns: number): Value {
    const key = `${source}.int8`;
    const recipe = { op: "integers", source, rows, columns } as const;
    const whole = x.graph.weight(this.file, key, "int8", [columns, rows], { ...recipe, part: "whole" });
    const scales = x.graph.weight(this.file, `${key}.scales`, "float32", [rows], {
      ...recipe,
      part: "scales",
    });
    const known = this.#integerRows.get(x) ?? integerRows(x);
    this.#integerRows.set(x, known);
    return mul(matMulIntegerToFloat(known.whole, known.zero, { whole, scales }), known.scale);
  }
}
