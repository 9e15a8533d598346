import { coverProgram } from "./cover-program.js";
import type { ReductionProgram } from "./program.js";
import { prumergeProgram } from "./prumerge-program.js";

/** Every reduction that our vision graphs hold; the first is in `vision*.onnx`. */
export const programs: readonly [ReductionProgram, ...ReductionProgram[]] = [prumergeProgram, coverProgram];

/**
 * The file of the vision graph that holds a reduction. Each has a graph of its own, over the weights that all share.
 *
 * @param first path or name of the one that holds the first: `.../vision.onnx`, `vision_fp16.onnx`
 */
export function visionFile(first: string, name: string): string {
  if (name === programs[0].name) return first;
  return first.replace(/vision(?=[^/\\]*$)/, `vision_${name}`);
}

/** The file of the graph for videos, beside {@link visionFile}'s. */
export function watchingFile(first: string): string {
  return visionFile(first, "video");
}
