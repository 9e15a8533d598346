import { PrumergeError } from "../errors.js";
import { firstNonFinite } from "../tensor/finite.js";
import type { Matrix } from "../tensor/matrix.js";
import { type LastLayer, lastLayer, type Signals } from "./signals.js";

/** Refuses signals whose shapes contradict each other or that hold NaN or Inf (INVALID_TENSOR). */
export function checkSignals(signals: Signals): void {
  const { grid, patches, projected, relevance, layers = {}, classFeatures, classToken } = signals;
  const count = patches.rows;
  if (![grid.rows, grid.columns].every((side) => Number.isInteger(side) && side >= 1)) {
    refuse("grid", "whole sides of at least 1", `${grid.rows} x ${grid.columns}`);
  }
  if (grid.rows * grid.columns !== count) {
    refuse("patches", `${grid.rows} x ${grid.columns} rows, one per place of the grid`, `${count} rows`);
  }
  checkMatrix("patches", patches, count, patches.columns);
  if (projected !== undefined) checkMatrix("projected", projected, count, projected.columns);
  if (relevance !== undefined) checkPerPatch("relevance", relevance, count);
  if (classFeatures !== undefined) checkMatrix("classFeatures", classFeatures, 1, patches.columns);
  const last = lastLayer(signals);
  if (last !== undefined) checkLastLayer(signals, last);
  const tokens = classToken ? count + 1 : count;
  const { frames } = signals;
  if (frames !== undefined && (classToken || !(frames >= 1) || grid.rows % frames !== 0))
    refuse("frames", "a divisor of the grid's rows, and no class token", String(frames));
  for (const [layer, { keys, queries, headAttention }] of Object.entries(layers)) {
    if (headAttention !== undefined) checkPerPatch(`layers[${layer}].headAttention`, headAttention, count);
    checkMatrix(`layers[${layer}].keys`, keys, tokens, keys.columns);
    checkMatrix(`layers[${layer}].queries`, queries, frames === undefined ? tokens : 0, keys.columns);
    checkHeads(signals.heads, keys.columns);
  }
}

function checkLastLayer({ patches, classToken, heads, frames }: Signals, last: LastLayer): void {
  const { keys, queries, classAttention, headAttention } = last;
  const count = patches.rows;
  const width = keys.columns;
  checkMatrix("keys", keys, classToken ? count + 1 : count, width);
  checkMatrix("queries", queries, frames !== undefined ? 0 : classToken ? 1 : count, width);
  checkHeads(heads, width);
  if (classAttention !== undefined) checkClassAttention(classAttention, count);
  if (headAttention !== undefined) checkPerPatch("headAttention", headAttention, count);
}

function checkHeads(heads: number, width: number): void {
  if (Number.isInteger(heads) && heads >= 1 && width % heads === 0) return;
  refuse("heads", `a divisor of the width ${width}`, String(heads));
}

/** Refuses a class attention of the wrong length or with values that are not finite. */
export function checkClassAttention(attention: Float32Array, patches: number): void {
  checkPerPatch("classAttention", attention, patches);
}

function checkPerPatch(where: string, values: Float32Array, patches: number): void {
  if (values.length !== patches) refuse(where, `${patches} values, one per patch`, `${values.length}`);
  checkFinite(where, values);
}

function checkMatrix(where: string, matrix: Matrix, rows: number, columns: number): void {
  const { data } = matrix;
  const fits = matrix.rows === rows && matrix.columns === columns && columns >= 1;
  if (!fits || data.length !== rows * columns) {
    const found = `[${matrix.rows}, ${matrix.columns}] with ${data.length} values`;
    refuse(where, `[${rows}, ${columns}]`, found);
  }
  checkFinite(where, data);
}

function checkFinite(where: string, data: Float32Array): void {
  const at = firstNonFinite(data);
  if (at >= 0) refuse(where, "finite numbers", `${data[at]} at index ${at}`);
}

function refuse(where: string, expected: string, found: string): never {
  throw new PrumergeError("INVALID_TENSOR", "a signal does not fit", { expected, found, where });
}
