import type sharpFactory from "sharp";
import { PrumergeError } from "../errors.js";

/** The package that decodes picture files, loaded when the first one is. */
export async function loadSharp(): Promise<typeof sharpFactory> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new PrumergeError(
      "RUNTIME",
      "picture files cannot be decoded here: the package sharp does not load",
      {
        help: "Run npm install --include=optional sharp on the machine that it is to run on, or hand in decoded pixels as { width, height, data }",
        cause,
      },
    );
  }
}
