import {
  type Raster,
  repeatColour,
  resampleAcross,
  resampleColour,
  resampleDown,
  type Span,
} from "./passes.js";
import type { Taps } from "./taps.js";

type Passes = (source: Raster, across: Taps, down: Taps, fill: readonly [number, number, number]) => Raster;

/**
 * Both passes over a raster that lies on a canvas of one colour. Between them lies only what the source reaches: where an
 * output of the first pass touches no source pixel, its whole line is of one colour, whatever the second pass reads.
 */
export const acrossThenDown: Passes = (source, across, down, fill) => {
  const rows = sourceSpan(down);
  const columns = reachedOutputs(across);
  const beside = resampleColour(across, fill);
  const narrowed = resampleAcross(
    source,
    sliceTaps(across, columns),
    rows,
    repeatColour(fill, rows.to - rows.from),
  );
  const core = resampleDown(narrowed, shiftTaps(down, rows), whole(narrowed.width), slice(beside, columns));
  if (narrowed.width === across.starts.length) return core;
  const surroundings = resampleDown(nothing, withoutSource(down), whole(across.starts.length), beside);
  return paste(core, surroundings, columns.from, 0);
};

/** Like {@link acrossThenDown}, in the other order. */
export const downThenAcross: Passes = (source, across, down, fill) => {
  const columns = sourceSpan(across);
  const rows = reachedOutputs(down);
  const beside = resampleColour(down, fill);
  const flattened = resampleDown(
    source,
    sliceTaps(down, rows),
    columns,
    repeatColour(fill, columns.to - columns.from),
  );
  const core = resampleAcross(
    flattened,
    shiftTaps(across, columns),
    whole(flattened.height),
    slice(beside, rows),
  );
  if (flattened.height === down.starts.length) return core;
  const surroundings = resampleAcross(nothing, withoutSource(across), whole(down.starts.length), beside);
  return paste(core, surroundings, 0, rows.from);
};

const nothing: Raster = { width: 0, height: 0, data: new Uint8Array(0) };

function whole(length: number): Span {
  return { from: 0, to: length };
}

/** The source pixels that an axis reads. */
function sourceSpan(taps: Taps): Span {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  taps.counts.forEach((count, i) => {
    if (count === 0) return;
    from = Math.min(from, taps.starts[i]);
    to = Math.max(to, taps.starts[i] + count);
  });
  return to === 0 ? whole(0) : { from, to };
}

/** The outputs of an axis that read source pixels, with what lies between them. */
function reachedOutputs({ counts }: Taps): Span {
  const from = counts.findIndex((count) => count > 0);
  return from < 0 ? whole(0) : { from, to: counts.findLastIndex((count) => count > 0) + 1 };
}

function shiftTaps(taps: Taps, span: Span): Taps {
  return { ...taps, starts: taps.starts.map((start) => start - span.from) };
}

function sliceTaps({ bits, width, starts, counts, weights, outside }: Taps, { from, to }: Span): Taps {
  return {
    bits,
    width,
    starts: starts.subarray(from, to),
    counts: counts.subarray(from, to),
    weights: weights.subarray(from * width, to * width),
    outside: outside.subarray(from, to),
  };
}

/** The axis where all that it would read of the source is of the colour outside of it. */
function withoutSource({ bits, width, starts, counts, weights, outside }: Taps): Taps {
  const sums = outside.map((sum, i) =>
    weights.subarray(i * width, i * width + counts[i]).reduce((total, weight) => total + weight, sum),
  );
  return { bits, width: 0, starts, counts: new Int32Array(counts.length), weights, outside: sums };
}

/** The colours of some lines, 3 bytes each. */
function slice(colours: Uint8ClampedArray, { from, to }: Span): Uint8ClampedArray {
  return colours.subarray(from * 3, to * 3);
}

function paste(core: Raster, onto: Raster, x: number, y: number): Raster {
  const data = onto.data;
  for (let row = 0; row < core.height; row++) {
    const line = core.data.subarray(row * core.width * 3, (row + 1) * core.width * 3);
    data.set(line, ((y + row) * onto.width + x) * 3);
  }
  return onto;
}
