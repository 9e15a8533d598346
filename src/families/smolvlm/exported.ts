import type { ExportDoor } from "../export-door.js";
import { viewPatches } from "./partial-view.js";
import type { SmolVlmSpec } from "./spec.js";

/**
 * pixel_values [1, 1, 3, S, S] and pixel_attention_mask [1, 1, S, S]: a batch of prompts' lists of views. Tower, shuffle and connector
 * are in the graph. Source: transformers.js `Idefics3ForConditionalGeneration`.
 */
export const exported: ExportDoor<SmolVlmSpec> = {
  inputs: ({ data, height, width, mask }, { vision }) => {
    if (mask !== undefined) viewPatches({ height, width, mask }, vision); // refuses masks that no picture has
    const shown = mask ?? everywhere(height * width);
    return [
      { names: ["pixel_values"], feed: { type: "float32", dims: [1, 1, 3, height, width], data } },
      {
        names: ["pixel_attention_mask"],
        feed: { type: "bool", dims: [1, 1, height, width], data: shown },
        spare: mask === undefined,
      },
    ];
  },
};

/** Masks of whole views, which are all alike. */
const masks = new Map<number, Uint8Array>();

function everywhere(pixels: number): Uint8Array {
  const mask = masks.get(pixels) ?? new Uint8Array(pixels).fill(1);
  masks.set(pixels, mask);
  return mask;
}
