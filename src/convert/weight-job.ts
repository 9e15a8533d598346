import { PrumergeError } from "../errors.js";
import { recipeShape, type WeightRecipe } from "../graphs/weights.js";
import type { Placement } from "../onnx/weight-file.js";
import { type StoredTensor, type TensorTable, tensorRows, tensorShape } from "./source/tensor-source.js";

/** Rows as they are, or as columns; offsets in bytes, `file` an index into the destination files. */
export interface PlainOutput {
  readonly op: "copy" | "transpose";
  readonly file: number;
  readonly offset: number;
  readonly type: "float32" | "float16";
}

/** Quantised rows; a part that no graph asked for has no offset and is not written. */
export interface QuantizedOutput {
  readonly op: "quantize";
  readonly file: number;
  readonly bits: 4 | 8;
  readonly blocks?: number;
  readonly scales?: number;
}

/** Rows as whole numbers with a scale each, as columns; the same holds for a part that no graph asked for. */
export interface IntegerOutput {
  readonly op: "integers";
  readonly file: number;
  readonly whole?: number;
  readonly scales?: number;
}

type WeightOutput = PlainOutput | QuantizedOutput | IntegerOutput;

/** One checkpoint tensor with everything that is made of it, so that it is read once; plain data for a worker thread. */
export interface WeightJob {
  readonly source: string;
  readonly stored: StoredTensor;
  /** The tensor as a matrix: its first axis, and all others together. */
  readonly rows: number;
  readonly columns: number;
  readonly outputs: readonly WeightOutput[];
}

/** A band of a job's rows, `[startRow, endRow)`: the unit of work. */
export interface RowBand {
  readonly job: WeightJob;
  readonly startRow: number;
  readonly endRow: number;
}

const storedBytes = { float32: 4, float16: 2, bfloat16: 2 } as const;

/** Bytes of the checkpoint that rows of a job are read from. */
export function inputBytes({ stored, columns }: WeightJob, rows: number): number {
  return rows * columns * storedBytes[stored.type];
}

/**
 * Groups placements by checkpoint tensor.
 *
 * @param files placements of each destination file
 * @throws PrumergeError NOT_FOUND for a tensor that the checkpoint lacks, INVALID_FILE for one of another shape
 */
export function planJobs(
  files: readonly (readonly Placement<WeightRecipe>[])[],
  tensors: TensorTable,
): WeightJob[] {
  const bySource = new Map<string, WeightOutput[]>();
  for (const [file, placements] of files.entries()) {
    for (const { recipe, offset } of placements) {
      checkShape(recipe, find(tensors, recipe.source));
      const outputs = bySource.get(recipe.source) ?? [];
      bySource.set(recipe.source, outputs);
      addOutput(outputs, recipe, file, offset);
    }
  }
  return [...bySource].map(([source, outputs]) => {
    const stored = find(tensors, source);
    return { source, stored, ...tensorRows(stored), outputs };
  });
}

function addOutput(outputs: WeightOutput[], recipe: WeightRecipe, file: number, offset: number): void {
  if (recipe.op === "copy" || recipe.op === "transpose") {
    outputs.push({ op: recipe.op, file, offset, type: recipe.type });
    return;
  }
  const kind = recipe.op === "quantize" ? { op: recipe.op, bits: recipe.bits } : { op: recipe.op };
  const isOtherPart = (output: WeightOutput) =>
    output.file === file && output.op === kind.op && (output.op !== "quantize" || output.bits === kind.bits);
  const known = outputs.find(isOtherPart) ?? { ...kind, file };
  const others = outputs.filter((output) => output !== known);
  outputs.splice(0, outputs.length, ...others, { ...known, [recipe.part]: offset } as WeightOutput);
}

function find(tensors: TensorTable, source: string): StoredTensor {
  const stored = tensors.get(source);
  if (stored === undefined) {
    throw new PrumergeError("NOT_FOUND", "the checkpoint lacks a tensor", { where: source });
  }
  return stored;
}

function checkShape(recipe: WeightRecipe, stored: StoredTensor): void {
  const wanted = recipeShape(recipe);
  const found = tensorShape(stored);
  if (wanted.length !== found.length || wanted.some((size, axis) => size !== found[axis])) {
    throw new PrumergeError("INVALID_FILE", "a tensor has a shape that the model's config contradicts", {
      expected: `[${wanted.join(", ")}]`,
      found: `[${found.join(", ")}]`,
      where: recipe.source,
    });
  }
}

/** Cuts jobs into bands of at most about `bandBytes` of input (one row at least), in the order in which they lie on disk. */
export function cutIntoBands(jobs: readonly WeightJob[], bandBytes: number): RowBand[] {
  const bands: RowBand[] = [];
  const inOrder = [...jobs].sort(({ stored: a }, { stored: b }) =>
    a.path === b.path ? a.offset - b.offset : a.path < b.path ? -1 : 1,
  );
  for (const job of inOrder) {
    const step = Math.max(1, Math.floor(bandBytes / Math.max(1, inputBytes(job, 1))));
    for (let startRow = 0; startRow < job.rows; startRow += step) {
      bands.push({ job, startRow, endRow: Math.min(job.rows, startRow + step) });
    }
  }
  return bands;
}
