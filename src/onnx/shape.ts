import { PrumergeError } from "../errors.js";

/** A dimension: a size known at build time, or the name of one known only at run time. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The same size for certain: equal numbers or the same name. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** NumPy broadcasting; a named dimension meets itself or 1. */
export function broadcast(where: string, a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw shapeError(where, "shapes that broadcast", `${showShape(a)} and ${showShape(b)}`);
    }
    result.push(left === 1 ? right : left);
  }
  return result;
}

/** Sum of dimensions, by value where all are numbers, else by name. */
export function sumDims(dims: readonly Dim[]): Dim {
  let known = 0;
  const names: string[] = [];
  for (const dim of dims) {
    if (typeof dim === "number") known += dim;
    else names.push(dim);
  }
  if (names.length === 0) return known;
  return known === 0 ? names.join(" + ") : `${names.join(" + ")} + ${known}`;
}

/** Turns a negative axis into a positive one and refuses what is outside the rank. */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(positive) || positive < 0 || positive >= rank) {
    throw shapeError(where, `an axis of a tensor of rank ${rank}`, String(axis));
  }
  return positive;
}

/** Number of elements of a fully known shape. */
export function elementCount(where: string, shape: Shape): number {
  let count = 1;
  for (const dim of shape) {
    if (typeof dim !== "number") throw shapeError(where, "sizes known at build time", showShape(shape));
    count *= dim;
  }
  return count;
}

export function shapeError(where: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_TENSOR", "shapes do not fit", { expected, found, where });
}
