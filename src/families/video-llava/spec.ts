import { z } from "zod";
import { modelParts } from "../../models/part-schemas.js";

/** Whose program a checkpoint is of: that of its authors, or transformers', which dropped what looks across frames. */
export const programs = ["original", "hugging-face"] as const;

/** {@link VideoLlavaSpec} as it stands in `prumerge.json`. */
export const videoLlavaSchema = z
  .strictObject({
    family: z.literal("video-llava"),
    ...modelParts,
    program: z.enum(programs),
    /** The tower for videos; `vision` is the one for pictures, and they share the projector. */
    watching: z
      .strictObject({
        vision: modelParts.vision,
        featureLayer: modelParts.featureLayer,
        /** How many frames are taken of a video. */
        frames: z.int().positive(),
        /** Whether its layers look across them, so that it takes them all at once and no other number. */
        acrossFrames: z.boolean(),
      })
      .readonly(),
  })
  .readonly();

/** Video-LLaVA: a tower for pictures and one for videos before one projector. */
export type VideoLlavaSpec = z.infer<typeof videoLlavaSchema>;
