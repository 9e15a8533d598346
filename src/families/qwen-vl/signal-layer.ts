import type { NativeTowerSpec } from "../../models/spec.js";

/**
 * The layer whose keys and attention methods read, 0 for the first: the last but one, as EffiVLM-Bench reads Qwen2-VL's; with
 * windows the last in which every patch attends to all, since shares within windows of different sizes are no score.
 */
export function signalLayer({ layers, windows }: NativeTowerSpec): number {
  return windows?.fullLayers.at(-1) ?? Math.max(0, layers - 2);
}
