import type { EncoderInput } from "../graphs/tower-feed.js";
import type { ModelSpec } from "../models/spec.js";

/** The pixels of a view, or of frames that the tower takes together, [3, height, width] each, normalised. */
export interface LaidOutView {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly mask?: Uint8Array;
  readonly following?: readonly Float32Array[];
}

/**
 * How a family runs by graphs that other programs exported: `vision_encoder*.onnx`, whose `image_features` are rows of the language
 * model, `embed_tokens*.onnx` and `decoder_model_merged*.onnx`, as transformers.js feeds them.
 */
export interface ExportDoor<Spec extends ModelSpec = ModelSpec> {
  /** What the encoder takes of one view. */
  inputs(view: LaidOutView, spec: Spec): readonly EncoderInput[];
  /** The model without what these graphs have no place for; what is missing is said in {@link notes}. Default: all of it is there. */
  without?(spec: Spec): Spec;
  /** What users must know of answers that are not the model's own for it, one sentence each. */
  notes?(spec: Spec): readonly string[];
}

/** Of towers that take squares: pixel_values [1, 3, S, S]. */
export const exportedSquares: Pick<ExportDoor, "inputs"> = {
  inputs: ({ data, height, width }) => [
    { names: ["pixel_values"], feed: { type: "float32", dims: [1, 3, height, width], data } },
  ],
};
