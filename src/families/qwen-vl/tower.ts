import { nativeInputs } from "../../graphs/contract.js";
import type { GraphWeights } from "../../graphs/weights.js";
import type { NativeTowerSpec } from "../../models/spec.js";
import type { GraphBuilder, Value } from "../../onnx/builder.js";
import {
  add,
  gather,
  gelu,
  ints,
  layerNormalization,
  mul,
  multiHeadAttention,
  patchConvolution,
  quickGelu,
  reduce,
  reshape,
  rmsNormalization,
  rotaryEmbedding,
  silu,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "../../onnx/ops/index.js";
import type { TowerParts } from "./generation.js";

/** Prefix of the tower's tensors. */
export const towerPrefix = "visual";

const rows = "patches";

/** The tower's inputs beside the pixels, all of one picture. */
interface PatchInputs {
  readonly cos: Value;
  readonly sin: Value;
  readonly windows?: { readonly rows: Value; readonly mask: Value; readonly places: Value };
}

/** A tower while it is being built. */
export interface TowerBuild {
  readonly vision: NativeTowerSpec;
  readonly parts: TowerParts;
  readonly weights: GraphWeights;
}

/** What a layer gives, [1, S, C] each, patches in the order that is fed. */
export interface TowerLayer {
  readonly state: Value;
  /** Of all heads side by side, rotated. */
  readonly query: Value;
  readonly key: Value;
}

/**
 * Qwen-VL's vision transformer. Source: transformers `modeling_qwen2_vl.py`, `modeling_qwen2_5_vl.py` and
 * `modeling_qwen3_vl.py`.
 *
 * @param pixels float32 [frames, 3, height, width]: two frames of a video, or one that stands for two, a still picture
 * @returns all layers
 */
export function buildTower(graph: GraphBuilder, pixels: Value, build: TowerBuild): readonly TowerLayer[] {
  const { vision } = build;
  const half = vision.hiddenSize / vision.heads / 2;
  let state = embedPatches(graph, pixels, build);
  const inputs: PatchInputs = {
    cos: graph.input(nativeInputs.cos, "float32", [rows, half]),
    sin: graph.input(nativeInputs.sin, "float32", [rows, half]),
    ...(vision.windows && { windows: windowInputs(graph, vision, vision.windows.side) }),
  };
  return Array.from({ length: vision.layers }, (_, layer) => {
    const built = block(state, layer, inputs, build);
    state = built.state;
    return built;
  });
}

function windowInputs(graph: GraphBuilder, { mergeSize }: NativeTowerSpec, side: number) {
  const shape = ["windows", (side * mergeSize) ** 2] as const;
  return {
    rows: graph.input(nativeInputs.windowRows, "int64", shape),
    mask: graph.input(nativeInputs.windowMask, "int32", shape),
    places: graph.input(nativeInputs.windowPlaces, "int64", [rows]),
  };
}

/** [1, S, C] */
function embedPatches(graph: GraphBuilder, pixels: Value, { vision, parts, weights }: TowerBuild): Value {
  const { hiddenSize: width, patchSize: size, tableSide } = vision;
  const name = `${towerPrefix}.patch_embed.proj`;
  const frames = weights.tensor(graph, `${name}.weight`, [width, 3, 2, size, size]);
  const [first, second] = [0, 1].map((frame) => squeeze(slice(frames, 2, frame, frame + 1, 1), 2)) as [
    Value,
    Value,
  ];
  const bias = parts.patchBias ? weights.tensor(graph, `${name}.bias`, [width]) : undefined;
  const last = slice(pixels, 0, -1, 2 ** 31 - 1, 1);
  const squares = add(
    patchConvolution(slice(pixels, 0, 0, 1, 1), first, bias),
    patchConvolution(last, second, undefined),
  );
  const raster = transpose(reshape(squares, [width, "picture's patches"]), [1, 0]);
  const order = graph.input(nativeInputs.patchOrder, "int64", [rows]);
  const patches = unsqueeze(gather(raster, order), 0);
  return tableSide === undefined ? patches : add(patches, places(graph, tableSide, width, weights));
}

/** The table of positions, stretched over the picture: [S, C]. */
function places(graph: GraphBuilder, side: number, width: number, weights: GraphWeights): Value {
  const table = weights.tensor(graph, `${towerPrefix}.pos_embed.weight`, [side ** 2, width]);
  const at = graph.input(nativeInputs.tableRows, "int64", [4, rows]);
  const shares = graph.input(nativeInputs.tableWeights, "float32", [4, rows]);
  return reduce("ReduceSum", mul(gather(table, at), unsqueeze(shares, 2)), 0);
}

function block(state: Value, layer: number, inputs: PatchInputs, build: TowerBuild): TowerLayer {
  const { vision, weights } = build;
  const prefix = `${towerPrefix}.blocks.${layer}`;
  const { hiddenSize: width, windows } = vision;
  const projected = projections(normalize(state, `${prefix}.norm1`, width, build), prefix, build);
  const turn = (x: Value) => rotaryEmbedding(x, inputs.cos, inputs.sin);
  const [query, key, value] = [turn(projected[0]), turn(projected[1]), projected[2]];
  const whole = windows === undefined || windows.fullLayers.includes(layer);
  const attend = whole ? multiHeadAttention : attendInWindows(inputs.windows!);
  const mixed = attend(query, key, value, vision.heads);
  const attended = add(
    state,
    weights.linear(mixed, `${prefix}.attn.proj.weight`, width, width, `${prefix}.attn.proj.bias`),
  );
  const further = mlp(normalize(attended, `${prefix}.norm2`, width, build), `${prefix}.mlp`, build);
  return { state: add(attended, further), query, key };
}

function projections(x: Value, prefix: string, { vision, weights }: TowerBuild): [Value, Value, Value] {
  const { hiddenSize: width } = vision;
  const name = `${prefix}.attn.qkv`;
  const all = weights.linear(x, `${name}.weight`, 3 * width, width, `${name}.bias`);
  return split(all, ints(x.graph, [width, width, width]), [width, width, width], 2) as [Value, Value, Value];
}

/** Attention among the patches of each window, which are laid out as entries of a batch. */
function attendInWindows({ rows: at, mask, places: back }: NonNullable<PatchInputs["windows"]>) {
  return (query: Value, key: Value, value: Value, heads: number): Value => {
    const [, , width] = query.shape as [number, string, number];
    const laid = (x: Value) => gather(squeeze(x, 0), at);
    const mixed = multiHeadAttention(laid(query), laid(key), laid(value), heads, mask);
    return unsqueeze(gather(reshape(mixed, ["windows' patches", width]), back), 0);
  };
}

function mlp(x: Value, prefix: string, { vision, parts, weights }: TowerBuild): Value {
  const { hiddenSize: width, intermediateSize: inner } = vision;
  const { up, down, gate } = parts.mlp;
  const linear = (input: Value, name: string, outSize: number, inSize: number) =>
    weights.linear(input, `${prefix}.${name}.weight`, outSize, inSize, `${prefix}.${name}.bias`);
  const wide = linear(x, up, inner, width);
  const active =
    gate === undefined
      ? activate(wide, vision.activation)
      : mul(activate(linear(x, gate, inner, width), vision.activation), wide);
  return linear(active, down, width, inner);
}

function activate(x: Value, activation: NativeTowerSpec["activation"]): Value {
  switch (activation) {
    case "quick_gelu":
      return quickGelu(x);
    case "silu":
      return silu(x);
    case "gelu_pytorch_tanh":
      return gelu(x, "tanh");
  }
}

/** The generation's norm over the last axis. */
export function normalize(
  x: Value,
  name: string,
  width: number,
  { vision, parts, weights }: TowerBuild,
): Value {
  const parameter = (part: string) => weights.tensor(x.graph, `${name}.${part}`, [width]);
  return parts.norm === "layer"
    ? layerNormalization(x, parameter("weight"), parameter("bias"), vision.layerNormEpsilon)
    : rmsNormalization(x, parameter("weight"), vision.layerNormEpsilon);
}
