import type { Matrix } from "../tensor/matrix.js";
import { computeClassAttention } from "./class-attention.js";
import { layerAttention } from "./layer-attention.js";
import { type EarlierLayer, gatherSignals, type LastLayer, lastLayer, type Signals } from "./signals.js";

/**
 * The signals of a video's frames as those of one picture, the frames below one another: {@link Signals.frames}.
 *
 * @param frames of one grid and tower, at least one
 */
export function stackFrames(frames: readonly Signals[]): Signals {
  const [first] = frames as [Signals];
  const stack = (part: (frame: Signals) => Matrix) => stacked(frames.map(part));
  const join = (part: (frame: Signals) => Float32Array) => joined(frames.map(part));
  const others = {
    grid: { rows: first.grid.rows * frames.length, columns: first.grid.columns },
    frames: frames.length,
    patches: stack(({ patches }) => patches),
    classToken: false,
    heads: first.heads,
    ...(first.projected !== undefined && { projected: stack(({ projected }) => projected!) }),
    ...(first.relevance !== undefined && { relevance: join(({ relevance }) => relevance!) }),
    ...(first.layers !== undefined && {
      layers: Object.fromEntries(
        Object.keys(first.layers).map((layer) => [layer, layerOf(frames, Number(layer))]),
      ),
    }),
  };
  return gatherSignals(others, lastLayer(first) && lastLayerOf(frames));
}

function lastLayerOf(frames: readonly Signals[]): LastLayer {
  const keys = stacked(frames.map((frame) => patchRows(frame.keys, frame.classToken)));
  return {
    keys,
    queries: noRows(keys),
    classAttention: joined(frames.map((frame) => computeClassAttention(frame, {}))),
    headAttention: joined(
      frames.map((frame) => frame.headAttention ?? computeClassAttention(frame, { perHeadAttention: true })),
    ),
  };
}

function layerOf(frames: readonly Signals[], layer: number): EarlierLayer {
  const keys = stacked(frames.map(({ layers, classToken }) => patchRows(layers![layer]!.keys, classToken)));
  return {
    keys,
    queries: noRows(keys),
    headAttention: joined(frames.map((frame) => layerAttention(frame, layer))),
  };
}

/** The rows of patches, without that of the class token before them. */
function patchRows({ rows, columns, data }: Matrix, classToken: boolean): Matrix {
  return classToken ? { rows: rows - 1, columns, data: data.subarray(columns) } : { rows, columns, data };
}

function noRows({ columns }: Matrix): Matrix {
  return { rows: 0, columns, data: new Float32Array(0) };
}

function stacked(parts: readonly Matrix[]): Matrix {
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    columns: parts[0]!.columns,
    data: joined(parts.map(({ data }) => data)),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
