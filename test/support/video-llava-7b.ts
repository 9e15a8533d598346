import { type VideoLlavaSpec, videoLlavaSchema } from "../../src/families/video-llava/spec.js";
import { llava15Spec } from "./llava-15.js";

/** Video-LLaVA-7B of its authors: two CLIP-L/14-224, of which that for videos looks across 8 frames. Fewer layers make trial runs. */
export function videoLlava7bSpec(languageLayers = 32, visionLayers = 24): VideoLlavaSpec {
  const { vision, ...llava } = llava15Spec(languageLayers, visionLayers);
  const tower = { ...vision, imageSize: 224, activation: "gelu" } as const;
  return videoLlavaSchema.parse({
    ...llava,
    family: "video-llava",
    program: "original",
    vision: tower,
    watching: { vision: tower, featureLayer: llava.featureLayer, frames: 8, acrossFrames: true },
  });
}
