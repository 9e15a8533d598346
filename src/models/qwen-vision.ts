import type { ConfigReader } from "./config-reader.js";
import type { NativeTowerSpec } from "./spec.js";
import { checkDivides } from "./vision-fields.js";

/** A tower, and the width of the rows that it hands on. */
export interface ParsedTower {
  readonly vision: NativeTowerSpec;
  readonly outputSize: number;
}

/** Qwen2-VL's tower; the defaults are those of transformers `Qwen2VLVisionConfig`. Its `hidden_size` is what it hands on. */
export function parseQwen2Vision(config: ConfigReader): ParsedTower {
  const hiddenSize = config.size("embed_dim", 1280);
  const vision = {
    kind: "qwen2-vl",
    ...sharedFields(config, { hiddenSize, layers: 32, patchSize: 14 }),
    intermediateSize: Math.trunc(hiddenSize * config.positive("mlp_ratio", 4)),
    activation: config.choice("hidden_act", ["quick_gelu"], "quick_gelu"),
  } as const;
  return { vision, outputSize: config.size("hidden_size", 3584) };
}

/** Qwen2.5-VL's tower; the defaults are those of transformers `Qwen2_5_VLVisionConfig`. */
export function parseQwen25Vision(config: ConfigReader): ParsedTower {
  const shared = sharedFields(config, {
    hiddenSize: config.size("hidden_size", 3584),
    layers: 32,
    patchSize: 14,
  });
  const side = config.size("window_size", 112) / shared.patchSize / shared.mergeSize;
  if (!Number.isInteger(side))
    throw config.unsupported("window_size", `a multiple of ${shared.patchSize * shared.mergeSize} pixels`);
  const vision = {
    kind: "qwen2.5-vl",
    ...shared,
    intermediateSize: config.size("intermediate_size", 3420),
    activation: config.choice("hidden_act", ["silu"], "silu"),
    tokensPerSecond: config.positive("tokens_per_second", 4),
    windows: { side, fullLayers: layerList(config, "fullatt_block_indexes", [7, 15, 23, 31], shared.layers) },
  } as const;
  return { vision, outputSize: config.size("out_hidden_size", 3584) };
}

/** Qwen3-VL's tower; the defaults are those of transformers `Qwen3VLVisionConfig`. */
export function parseQwen3Vision(config: ConfigReader): ParsedTower {
  const shared = sharedFields(config, {
    hiddenSize: config.size("hidden_size", 1152),
    layers: 27,
    patchSize: 16,
  });
  const places = config.size("num_position_embeddings", 2304);
  const tableSide = Math.sqrt(places);
  if (!Number.isInteger(tableSide)) throw config.unsupported("num_position_embeddings", "a square number");
  const deepLayers = layerList(config, "deepstack_visual_indexes", [8, 16, 24], shared.layers);
  const vision = {
    kind: "qwen3-vl",
    ...shared,
    intermediateSize: config.size("intermediate_size", 4304),
    activation: config.choice("hidden_act", ["gelu_pytorch_tanh"], "gelu_pytorch_tanh"),
    tableSide,
    ...(deepLayers.length > 0 && { deepLayers }),
  } as const;
  return { vision, outputSize: config.size("out_hidden_size", 3584) };
}

function sharedFields(
  config: ConfigReader,
  defaults: { readonly hiddenSize: number; readonly layers: number; readonly patchSize: number },
) {
  for (const key of ["in_channels", "in_chans"])
    if (config.integer(key, 3) !== 3) throw config.unsupported(key, "3");
  if (config.integer("temporal_patch_size", 2) !== 2) throw config.unsupported("temporal_patch_size", "2");
  const patchSize = config.size("patch_size", defaults.patchSize);
  if (config.size("spatial_patch_size", patchSize) !== patchSize)
    throw config.unsupported("spatial_patch_size", `patch_size, ${patchSize}`);
  const rope = config.object("rope_parameters");
  if (rope !== undefined && rope.positive("rope_theta", 10000) !== 10000)
    throw rope.unsupported("rope_theta", "10000");
  rope?.choice("rope_type", ["axial", "default"], "axial");
  const { hiddenSize } = defaults;
  const heads = config.size("num_heads", 16);
  checkDivides(config, heads, hiddenSize);
  if (hiddenSize % (4 * heads) !== 0)
    throw config.unsupported("num_heads", "heads whose width is a multiple of 4");
  return {
    hiddenSize,
    layers: config.size("depth", defaults.layers),
    heads,
    patchSize,
    mergeSize: config.size("spatial_merge_size", 2),
    layerNormEpsilon: 1e-6,
    classToken: false,
  } as const;
}

/** Numbers of layers, in ascending order. */
function layerList(
  config: ConfigReader,
  key: string,
  otherwise: readonly number[],
  layers: number,
): number[] {
  const given = (config.raw(key) ?? otherwise.filter((layer) => layer < layers)) as readonly number[];
  const ascending = (layer: number, at: number) =>
    Number.isInteger(layer) && layer >= 0 && layer < layers && (at === 0 || layer > given[at - 1]!);
  if (Array.isArray(given) && given.every(ascending)) return [...given];
  throw config.unsupported(key, `ascending numbers of its ${layers} layers`);
}
