import { PrumergeError } from "../errors.js";
import { classTokenRows, patchCount, type SquareModelSpec } from "../models/spec.js";
import { GraphBuilder } from "../onnx/builder.js";
import { slice } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import type { PruMergeSettings } from "../reduce/prumerge-settings.js";
import { visionEncoder } from "./contract.js";
import { reduceTokens, settingConstants } from "./reduction/index.js";
import { encodeReduced } from "./vision.js";
import type { Projector } from "./vision-parts.js";
import type { GraphWeights } from "./weights.js";

/** Options of {@link buildVisionEncoder}. */
export interface VisionEncoderOptions {
  /** Visual tokens per picture, global token included: 1 .. N + 1, or 2 .. N + 2 where the class token is one of them. */
  readonly tokens: number;
  /** Default: LLaVA's, of two layers. */
  readonly projector?: Projector;
}

/**
 * `vision_encoder*.onnx` (see `graphs/contract.ts`), the form that transformers.js and other programs load: a batch of
 * pictures in, exactly `tokens` visual tokens each out, by `prumerge+` with its defaults. The settings are constants,
 * since those programs feed pixels alone and emit a fixed number of placeholders.
 */
export function buildVisionEncoder(
  spec: SquareModelSpec,
  weights: GraphWeights,
  { tokens, projector }: VisionEncoderOptions,
): ModelProto {
  const extra = classTokenRows(spec);
  const most = patchCount(spec.vision) + 1 + extra;
  if (!Number.isInteger(tokens) || tokens < 1 + extra || tokens > most) {
    throw new PrumergeError("INVALID_OPTION", "the encoder cannot keep that many visual tokens", {
      expected: `${1 + extra} .. ${most}`,
      found: String(tokens),
      where: "tokens",
    });
  }
  const graph = new GraphBuilder("vision_encoder");
  const { imageSize } = spec.vision;
  const pixels = graph.input(visionEncoder.pixels, "float32", ["batch", 3, imageSize, imageSize]);
  const settings = settingConstants(graph, bakedSettings(tokens - extra));
  const { features } = encodeReduced(
    pixels,
    spec,
    weights,
    (inputs) => reduceTokens(inputs, settings),
    projector === undefined ? {} : { projector },
  );
  graph.output(visionEncoder.features, slice(features, 1, 0, tokens, tokens));
  return graph.build();
}

/** Exact `prumerge+` with the released defaults. */
function bakedSettings(count: number): PruMergeSettings {
  return {
    exact: true,
    count,
    iqrFactor: 1.5,
    neighbours: 32,
    spatial: true,
    globalToken: true,
    rasterOrder: false,
  };
}
