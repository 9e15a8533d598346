import type { RopeSpec } from "../models/spec.js";

/** What a rotary embedding multiplies positions by, and what it scales cosines and sines by. */
export interface RopeFrequencies {
  /** float32 [headDim / 2], radians per token. */
  readonly inverse: Float32Array;
  /** YaRN's temperature, 1 for every other kind. */
  readonly attentionFactor: number;
}

/**
 * Inverse frequencies of a rotary embedding for sequences within the original context; `dynamic` changes its base beyond
 * it, in the graph. Rounded to float32 after each step, in the order in which transformers' `modeling_rope_utils.py`
 * computes.
 */
export function ropeFrequencies(rope: RopeSpec, headDim: number): RopeFrequencies {
  const plain = defaultFrequencies(rope.theta, headDim);
  switch (rope.kind) {
    case "default":
    case "dynamic":
      return { inverse: plain, attentionFactor: 1 };
    case "linear":
      return { inverse: plain.map((frequency) => frequency / rope.factor), attentionFactor: 1 };
    case "llama3":
      return { inverse: plain.map((frequency) => llama3(rope, frequency)), attentionFactor: 1 };
    case "yarn":
      return { inverse: yarn(rope, headDim), attentionFactor: yarnAttentionFactor(rope) };
  }
}

/** theta ^ (2 i / headDim), the divisors of the default kind. */
function wavelengths(theta: number, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => theta ** Math.fround((2 * i) / headDim));
}

function defaultFrequencies(theta: number, headDim: number): Float32Array {
  return wavelengths(theta, headDim).map((divisor) => 1 / divisor);
}

/** Long waves are slowed down by the factor, short ones kept, those between interpolated. */
function llama3(rope: Extract<RopeSpec, { kind: "llama3" }>, frequency: number): number {
  const { fround } = Math;
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = rope;
  const wavelength = fround(fround(2 * Math.PI) / frequency);
  if (wavelength > originalContext / lowFrequencyFactor) return frequency / factor;
  if (wavelength < originalContext / highFrequencyFactor) return frequency;
  const share = fround(fround(originalContext / wavelength) - lowFrequencyFactor);
  const smooth = fround(share / (highFrequencyFactor - lowFrequencyFactor));
  return fround(fround(fround(1 - smooth) * frequency) / factor) + fround(smooth * frequency);
}

/** NTK by parts (arXiv 2309.00071, section 3.2): high frequencies extrapolate, low ones interpolate, a ramp between. */
function yarn(rope: Extract<RopeSpec, { kind: "yarn" }>, headDim: number): Float32Array {
  const { fround } = Math;
  const dimensionOf = (rotations: number) =>
    (headDim * Math.log(rope.originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  const bound = (value: number, round: (x: number) => number) => (rope.truncate ? round(value) : value);
  const low = Math.max(bound(dimensionOf(rope.betaFast), Math.floor), 0);
  let high = Math.min(bound(dimensionOf(rope.betaSlow), Math.ceil), headDim - 1);
  if (low === high) high += 0.001;
  return wavelengths(rope.theta, headDim).map((divisor, i) => {
    const ramp = Math.min(Math.max(fround(fround(i - low) / fround(high - low)), 0), 1);
    const kept = fround(1 - ramp);
    const interpolated = fround(1 / fround(rope.factor * divisor));
    return fround(interpolated * fround(1 - kept)) + fround(fround(1 / divisor) * kept);
  });
}

function yarnAttentionFactor(rope: Extract<RopeSpec, { kind: "yarn" }>): number {
  if (rope.attentionFactor !== undefined) return rope.attentionFactor;
  const scale = (weight: number) => (rope.factor <= 1 ? 1 : 0.1 * weight * Math.log(rope.factor) + 1);
  return rope.mscale && rope.mscaleAllDim ? scale(rope.mscale) / scale(rope.mscaleAllDim) : scale(1);
}
