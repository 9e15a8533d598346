import {
  type LanguageGeometry,
  type NativeVisionGeometry,
  patchCount,
  type VisionGeometry,
} from "./geometry.js";
import { type Operation, operation } from "./operation.js";

/** Towers and reductions are stored and computed in 16-bit floats here, whatever the language model's precision. */
const bytes = 2;

/** The layers that a picture passes through, from pixels to the features that the projector or the reduction takes. */
export function towerOperations(vision: VisionGeometry, featureLayer: number): Operation[] {
  const { hiddenSize: c, heads, intermediateSize: f, imageSize, patchSize, classToken } = vision;
  const patches = patchCount(vision);
  const t = patches + (classToken ? 1 : 0);
  const linear = (name: string, inputs: number, outputs: number) =>
    operation(name, featureLayer, {
      operations: 2 * t * inputs * outputs,
      weightBytes: inputs * outputs * bytes,
      readBytes: t * inputs * bytes,
      writtenBytes: t * outputs * bytes,
    });
  const elementwise = (name: string, times: number, perElement: number, reads: number, width: number) =>
    operation(name, times, {
      operations: perElement * t * width,
      readBytes: reads * t * width * bytes,
      writtenBytes: t * width * bytes,
    });
  return [
    operation("patches", 1, {
      operations: 2 * patches * 3 * patchSize ** 2 * c,
      weightBytes: 3 * patchSize ** 2 * c * bytes,
      readBytes: 3 * imageSize ** 2 * bytes,
      writtenBytes: t * c * bytes,
    }),
    elementwise("norms", 2 * featureLayer + 1, 7, 1, c),
    linear("q_proj", c, c),
    linear("k_proj", c, c),
    linear("v_proj", c, c),
    operation("attention", featureLayer, {
      operations: t * t * (4 * c + 5 * heads),
      readBytes: 3 * t * c * bytes,
      writtenBytes: t * c * bytes,
    }),
    linear("out_proj", c, c),
    linear("fc1", c, f),
    elementwise("activation", featureLayer, 5, 1, f),
    linear("fc2", f, c),
    elementwise("add", 2 * featureLayer, 1, 2, c),
  ];
}

/**
 * PruMerge as the vision graph computes it (docs/reduction-settings.md): the next layer's norm and keys, the class
 * token's query and attention over the full width, the order of the patches, cosine similarity of the kept to all, and
 * W X with a dense W. Without a class token every query is needed.
 *
 * @param rows visual tokens that come out
 */
export function reductionOperations(vision: VisionGeometry, rows: number): Operation[] {
  const { hiddenSize: c, classToken } = vision;
  const patches = patchCount(vision);
  const t = patches + (classToken ? 1 : 0);
  const queries = classToken ? 1 : patches;
  const project = (name: string, tokens: number) =>
    operation(name, 1, {
      operations: 2 * tokens * c * c,
      weightBytes: c * c * bytes,
      readBytes: tokens * c * bytes,
      writtenBytes: tokens * c * bytes,
    });
  const sorting = patches * Math.ceil(Math.log2(patches));
  return [
    operation("norm", 1, { operations: 7 * t * c, readBytes: t * c * bytes, writtenBytes: t * c * bytes }),
    project("keys", t),
    project("query", queries),
    operation("class_attention", 1, {
      operations: queries * t * (2 * c + 5),
      readBytes: (queries + t) * c * bytes,
      writtenBytes: patches * bytes,
    }),
    operation("order", 1, {
      operations: sorting,
      readBytes: patches * bytes,
      writtenBytes: patches * bytes,
    }),
    operation("similarity", 1, {
      operations: 3 * patches * c + 2 * rows * patches * c,
      readBytes: (patches + rows) * c * bytes,
      writtenBytes: rows * patches * bytes,
    }),
    operation("neighbours", 1, {
      operations: rows * sorting,
      readBytes: rows * patches * bytes,
      writtenBytes: rows * patches * bytes,
    }),
    operation("merge", 1, {
      operations: 2 * rows * patches * c,
      readBytes: (rows * patches + patches * c) * bytes,
      writtenBytes: rows * c * bytes,
    }),
  ];
}

/** Layers of a tower that takes pictures of any size, over `tokens` squares of patches that become a visual token each. */
export function nativeTowerOperations(vision: NativeVisionGeometry, tokens: number): Operation[] {
  const {
    hiddenSize: c,
    layers,
    heads,
    intermediateSize: f,
    patchSize,
    mergeSize,
    activation,
    windows,
  } = vision;
  const t = tokens * mergeSize ** 2;
  const linear = (name: string, inputs: number, outputs: number, times = layers) =>
    operation(name, times, {
      operations: 2 * t * inputs * outputs,
      weightBytes: inputs * outputs * bytes,
      readBytes: t * inputs * bytes,
      writtenBytes: t * outputs * bytes,
    });
  const attention = (name: string, times: number, seen: number) =>
    operation(name, times, {
      operations: t * seen * (4 * c + 5 * heads),
      readBytes: 3 * t * c * bytes,
      writtenBytes: t * c * bytes,
    });
  const elementwise = (name: string, times: number, perElement: number, reads: number, width: number) =>
    operation(name, times, {
      operations: perElement * t * width,
      readBytes: reads * t * width * bytes,
      writtenBytes: t * width * bytes,
    });
  const whole = windows === undefined ? layers : windows.fullLayers.length;
  const inWindow = windows === undefined ? t : Math.min(t, (windows.side * mergeSize) ** 2);
  return [
    // Both frames of a still picture are the same, so that their weights are added once.
    linear("patches", 3 * patchSize ** 2, c, 1),
    elementwise("norms", 2 * layers, 7, 1, c),
    linear("qkv", c, 3 * c),
    attention("attention", whole, t),
    attention("attention in windows", layers - whole, inWindow),
    linear("out_proj", c, c),
    ...(activation === "silu" ? [linear("gate", c, f)] : []),
    linear("up", c, f),
    elementwise("activation", layers, 5, activation === "silu" ? 2 : 1, f),
    linear("down", f, c),
    elementwise("add", 2 * layers, 1, 2, c),
  ];
}

/**
 * What makes rows of the language model's width of squares of patches side by side: one linear layer, or two as wide as the
 * square with GELU between. It comes before a reduction.
 */
export function mergerOperations(
  wide: number,
  { hiddenSize: d }: LanguageGeometry,
  rows: number,
  layers: 1 | 2,
): Operation[] {
  const linear = (name: string, outputs: number) =>
    operation(name, 1, {
      operations: 2 * rows * wide * outputs,
      weightBytes: wide * outputs * bytes,
      readBytes: rows * wide * bytes,
      writtenBytes: rows * outputs * bytes,
    });
  if (layers === 1) return [linear("connector", d)];
  const gelu = {
    operations: 8 * rows * wide,
    readBytes: rows * wide * bytes,
    writtenBytes: rows * wide * bytes,
  };
  return [linear("merger_1", wide), operation("gelu", 1, gelu), linear("merger_2", d)];
}

/** A choice among rows behind the merger, such as `cover`: cosine similarity of the kept to all. */
export function rowReductionOperations(
  { hiddenSize: d }: LanguageGeometry,
  all: number,
  rows: number,
): Operation[] {
  return [
    operation("similarity", 1, {
      operations: 3 * all * d + 2 * rows * all * d,
      readBytes: (all + rows) * d * bytes,
      writtenBytes: rows * all * bytes,
    }),
  ];
}

/** LLaVA-1.5's projector, two linear layers with GELU between, on the visual tokens that are left. */
export function projectorOperations(
  vision: VisionGeometry,
  { hiddenSize: d }: LanguageGeometry,
  rows: number,
): Operation[] {
  const linear = (name: string, inputs: number) =>
    operation(name, 1, {
      operations: 2 * rows * inputs * d,
      weightBytes: inputs * d * bytes,
      readBytes: rows * inputs * bytes,
      writtenBytes: rows * d * bytes,
    });
  const gelu = { operations: 8 * rows * d, readBytes: rows * d * bytes, writtenBytes: rows * d * bytes };
  return [linear("linear_1", vision.hiddenSize), operation("gelu", 1, gelu), linear("linear_2", d)];
}
