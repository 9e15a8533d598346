import { framesTogether } from "../../image/native-video-size.js";
import type { NativeTowerSpec } from "../../models/spec.js";
import type { ExportDoor, LaidOutView } from "../export-door.js";
import type { QwenVlSpec } from "./spec.js";
import { towerOrder } from "./tower-order.js";
import { wholeView } from "./whole-view.js";

/**
 * pixel_values [patches, 3 x 2 x p x p] in the processor's order, and the grid of patches, [1, 3], which exports of Qwen2-VL call
 * grid_thw and those of later generations image_grid_thw. Source: transformers.js `Qwen2VLForConditionalGeneration`.
 */
export const exported: ExportDoor<QwenVlSpec> = {
  inputs: (view, { vision }) => {
    const { patchSize, mergeSize } = vision;
    const order = towerOrder(wholeView(view, vision), mergeSize);
    const grid = Int32Array.of(1, view.height / patchSize, view.width / patchSize);
    const dims = [order.length, 3 * framesTogether * patchSize ** 2];
    return [
      { names: ["pixel_values"], feed: { type: "float32", dims, data: patchRows(view, vision, order) } },
      { names: ["grid_thw", "image_grid_thw"], feed: { type: "int64", dims: [1, 3], data: grid } },
    ];
  },
  without: (spec) => {
    const { deepRows: _, ...language } = spec.language;
    return { ...spec, language };
  },
  notes: ({ language: { deepRows = 0 } }) =>
    deepRows === 0
      ? []
      : [
          "These graphs have no place for the rows that the tower's earlier layers give the language model (deepstack): they are left out, and answers are not those of the model itself.",
        ],
};

/** A row for each patch: channels, and of each the two frames' pixels; a still picture is both frames. Source: `Qwen2VLImageProcessor`. */
function patchRows(
  { data, height, width, following = [] }: LaidOutView,
  { patchSize }: Pick<NativeTowerSpec, "patchSize">,
  order: Int32Array,
): Float32Array {
  const columns = width / patchSize;
  const frames = [data, following[0] ?? data];
  const rows = new Float32Array(order.length * 3 * framesTogether * patchSize ** 2);
  let to = 0;
  for (const patch of order) {
    const corner = Math.floor(patch / columns) * patchSize * width + (patch % columns) * patchSize;
    for (let channel = 0; channel < 3; channel++) {
      for (const frame of frames) {
        for (let line = 0; line < patchSize; line++) {
          const from = channel * height * width + corner + line * width;
          rows.set(frame.subarray(from, from + patchSize), to);
          to += patchSize;
        }
      }
    }
  }
  return rows;
}
