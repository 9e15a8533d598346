import { PrumergeError } from "../../errors.js";

/** The package that takes video files apart. */
export type Mediabunny = typeof import("mediabunny");

/**
 * Loads mediabunny, with the first video file and not before.
 *
 * @throws PrumergeError NOT_FOUND where the page was built without it, RUNTIME where the browser has no WebCodecs
 */
export async function loadMediabunny(where: string): Promise<Mediabunny> {
  if (typeof VideoDecoder === "undefined") {
    throw new PrumergeError("RUNTIME", "this page cannot decode videos", {
      where,
      expected: "a browser with WebCodecs, and a page that is served by https or from this machine",
      found: globalThis.isSecureContext ? "no WebCodecs" : "a page that is not served securely",
      help: "Hand in the frames as a list of pictures.",
    });
  }
  // Within `try`, bundlers take the package for what it is: one that may be missing.
  try {
    const loaded = await import("mediabunny");
    if (typeof loaded.Input !== "function") throw new Error("it is an empty module");
    return loaded;
  } catch (cause) {
    throw new PrumergeError("NOT_FOUND", "video files are taken apart by the package mediabunny", {
      where,
      expected: "mediabunny 1.61 or later in the page",
      found: cause instanceof Error ? cause.message : String(cause),
      help: "Run: npm install mediabunny. Then build the page again. Lists of pictures and animations need it not",
      cause,
    });
  }
}
