import { z } from "zod";

const triple = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** How a picture becomes `pixel_values`, resolved from a checkpoint's processor files. Sizes in pixels. */
export const preprocessingSchema = z
  .strictObject({
    /** Side of the square that the vision tower gets. */
    size: z.int().positive(),
    /**
     * `crop`: the shorter side becomes `shortestEdge`, then the centre square of `size` is cut out; `pad`: a square of the longer
     * side, filled with floor(255 x mean), resized to `size`; `stretch`: resized to `size` x `size` whatever its shape.
     */
    aspect: z.enum(["crop", "pad", "stretch"]),
    shortestEdge: z.int().positive(),
    resample: z.enum(["nearest", "bilinear", "bicubic", "lanczos"]),
    /** Factor from 8-bit values to what mean and deviation refer to; 1/255 nearly always. */
    rescale: z.number().positive(),
    mean: triple,
    deviation: triple,
  })
  .readonly();

export type Preprocessing = z.infer<typeof preprocessingSchema>;
