import { PrumergeError } from "../errors.js";
import type { Position, RowPlaces } from "./engine.js";

/** {@link RowPlaces} with nothing left out: where the rows of one run stand. */
export interface Placed {
  /** Of whole numbers, one per row. */
  readonly positions: readonly Position[];
  /** What each row's key adds to every attention score. */
  readonly bias: Float32Array;
}

/** Positions and biases of the rows that one sequence's cache holds, kept beside their keys and values. */
export class HeldPlaces {
  readonly #positions: Position[];
  readonly #bias: number[];

  constructor(held?: HeldPlaces) {
    this.#positions = held === undefined ? [] : [...held.#positions];
    this.#bias = held === undefined ? [] : [...held.#bias];
  }

  /** Where a row goes that nobody gives a position: behind the largest one. */
  get next(): number {
    return (
      this.#positions.reduce((largest: number, position) => Math.max(largest, ...axesOf(position)), -1) + 1
    );
  }

  append({ positions, bias }: Placed): void {
    this.#positions.push(...positions);
    this.#bias.push(...bias);
  }

  truncate(length: number): void {
    this.#positions.length = length;
    this.#bias.length = length;
  }

  fork(length = this.#positions.length): HeldPlaces {
    const copy = new HeldPlaces(this);
    copy.truncate(length);
    return copy;
  }

  /** Writes the biases of the rows held into those of a cache's slots, which has as many at least. */
  writeBias(slots: Float32Array): Float32Array {
    slots.set(this.#bias);
    return slots;
  }
}

/**
 * What was asked for `count` rows, checked, and filled in where it was left out.
 *
 * @param next asked for the position of the first row where none were given
 * @throws PrumergeError INVALID_TENSOR for another number of places, no positions, or biases that are not finite
 */
export function placed({ positions, bias }: RowPlaces, count: number, next: () => number): Placed {
  const wrong = (expected: string, found: string, where: string) =>
    new PrumergeError("INVALID_TENSOR", "rows cannot stand there", { expected, found, where });
  for (const [where, given] of Object.entries({ positions, bias })) {
    if (given !== undefined && given.length !== count) {
      throw wrong(`one for each of ${count} rows`, String(given.length), where);
    }
  }
  const odd = positions?.find(
    (position) => !axesOf(position).every((one) => Number.isSafeInteger(one) && one >= 0),
  );
  if (odd !== undefined) throw wrong("whole numbers, 0 or more", String(odd), "positions");
  const endless = bias?.find((value) => !Number.isFinite(value));
  if (endless !== undefined) throw wrong("finite numbers", String(endless), "bias");
  const first = positions === undefined ? next() : 0;
  return {
    positions: positions ?? Array.from({ length: count }, (_, row) => first + row),
    bias: bias ?? new Float32Array(count),
  };
}

function axesOf(position: Position): readonly number[] {
  return typeof position === "number" ? [position] : position;
}

/**
 * Positions as a graph takes them, axis by axis.
 *
 * @param axes coordinates of a position there
 * @returns axes x rows numbers
 * @throws PrumergeError UNSUPPORTED_MODEL for coordinates that differ where the graph takes one
 */
export function positionAxes(positions: readonly Position[], axes: number, where: string): number[] {
  const all = positions.map((position) => (typeof position === "number" ? undefined : position));
  const spread = all.find((one) => one !== undefined && axes !== one.length && new Set(one).size > 1);
  if (spread !== undefined) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "this language model's positions have one coordinate", {
      expected: "one number for each row",
      found: `[${spread.join(", ")}]`,
      where,
    });
  }
  return Array.from({ length: axes }, (_, axis) =>
    positions.map((position) => (typeof position === "number" ? position : position[axis]!)),
  ).flat();
}

/** The places of rows `from` .. `to` - 1. */
export function slicePlaces({ positions, bias }: Placed, from: number, to: number): Placed {
  return { positions: positions.slice(from, to), bias: bias.subarray(from, to) };
}

/**
 * What a graph cannot do that lacks an input for it.
 *
 * @param held rows in the cache, of which such a graph takes its positions
 * @throws PrumergeError UNSUPPORTED_MODEL
 */
export function refusePlaces(
  { positions, bias }: Placed,
  held: number,
  takes: { readonly positions: boolean; readonly bias: boolean },
  where: string,
): void {
  const row = takes.positions ? -1 : positions.findIndex((position, at) => position !== held + at);
  if (row >= 0) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "this language model's graph counts positions by itself", {
      expected: `position ${held + row} for row ${held + row}`,
      found: `position ${positions[row]}`,
      where,
      help: "Convert the checkpoint again with prumerge convert, or leave positions contiguous",
    });
  }
  if (!takes.bias && bias.some((value) => value !== 0)) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "this language model's graph has no bias for a row's key", {
      expected: "biases of 0",
      where,
      help: "Convert the checkpoint again with prumerge convert, and keep decoder*.onnx",
    });
  }
}
