import { PrumergeError } from "../errors.js";
import type { ResampleFilter } from "./filter.js";
import type { Aspect, PreprocessSpec } from "./preprocess-spec.js";

type Json = Readonly<Record<string, unknown>>;

/** Defaults of a processor class where its file leaves something out (transformers). */
interface Family {
  readonly crops: boolean;
  readonly size: number;
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

const clip: Family = {
  crops: true,
  size: 224,
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};
const siglip: Family = { crops: false, size: 224, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** Pillow's numbers; 0 nearest, 4 box and 5 hamming exist as well, of which only the first occurs. */
const filters: Readonly<Record<number, ResampleFilter>> = {
  0: "nearest",
  1: "lanczos",
  2: "bilinear",
  3: "bicubic",
};

/** Beyond any tower there is; a larger square would only eat memory. */
const largestSquare = 4096;

/**
 * Reads `preprocessor_config.json` (or the `image_processor` part of `processor_config.json`) of a CLIP, SigLIP or LLaVA
 * image processor, with that class's defaults. `do_pad` of LLaVA's processor, or `image_aspect_ratio: "pad"` as the
 * original LLaVA's config.json calls it, gives the aspect `pad`. A processor named "Fast" resizes as torchvision does.
 *
 * @param json the parsed file
 * @param where the file's name, for messages
 * @throws PrumergeError INVALID_FILE for values of a wrong kind or range, UNSUPPORTED_MODEL for processors and shapes that
 * are well formed but not run
 */
export function parsePreprocessing(json: unknown, where = "preprocessor_config.json"): PreprocessSpec {
  const file = object(json, where, where);
  const config =
    file.image_processor === undefined ? file : object(file.image_processor, "image_processor", where);
  const family = familyOf(config, where);
  const shape = shapeOf(config, family, where);
  return {
    ...shape,
    aspect: padded(config, where) ? "pad" : shape.aspect,
    resample: resampleOf(config, where),
    ...(isFast(config) && { resampler: "torchvision" }),
    rescale: flag(config, "do_rescale", true, where) ? number(config, "rescale_factor", 1 / 255, where) : 1,
    ...(flag(config, "do_normalize", true, where)
      ? {
          mean: triple(config, "image_mean", family.mean, where),
          deviation: triple(config, "image_std", family.deviation, where),
        }
      : { mean: [0, 0, 0], deviation: [1, 1, 1], fill: triple(config, "image_mean", family.mean, where) }),
  };
}

function familyOf(config: Json, where: string): Family {
  const name = config.image_processor_type ?? config.feature_extractor_type;
  if (name === undefined)
    return config.crop_size === undefined && config.do_center_crop !== true ? siglip : clip;
  if (typeof name === "string") {
    if (/^(CLIP|Llava)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/.test(name)) return clip;
    if (/^Siglip(ImageProcessor(Fast|Pil)?)$/.test(name)) return siglip;
  }
  throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that is not run", {
    where,
    expected: "a CLIP, SigLIP or LLaVA image processor",
    found: JSON.stringify(name),
  });
}

/**
 * Processors named "Fast" have only ever run on torchvision. Others ran on Pillow until transformers 5, which takes what
 * is installed; what a checkpoint was made and published with is Pillow.
 */
function isFast({ image_processor_type: name }: Json): boolean {
  return typeof name === "string" && name.endsWith("Fast");
}

interface Shape {
  readonly size: number;
  readonly shortestEdge: number;
  readonly aspect: Aspect;
}

function shapeOf(config: Json, family: Family, where: string): Shape {
  const crops = flag(config, "do_center_crop", family.crops, where);
  if (!flag(config, "do_resize", true, where)) refuseShape("do_resize: false", where);
  const size = config.size ?? (family.crops ? { shortest_edge: family.size } : family.size);
  const edge = typeof size === "object" && size !== null ? (size as Json).shortest_edge : undefined;
  if (edge === undefined && !(typeof size === "number" && family.crops)) {
    const side = square(size, "size", where);
    if (crops && config.crop_size !== undefined && square(config.crop_size, "crop_size", where) !== side) {
      refuseShape("a crop of a picture that was stretched to a square", where);
    }
    return { size: side, shortestEdge: side, aspect: "stretch" };
  }
  const shortestEdge = side(edge ?? size, "size.shortest_edge", where);
  if (!crops) refuseShape("the shortest edge resized without a crop", where);
  const cropped = config.crop_size === undefined ? family.size : square(config.crop_size, "crop_size", where);
  return { size: cropped, shortestEdge, aspect: "crop" };
}

function square(value: unknown, name: string, where: string): number {
  if (typeof value === "number") return side(value, name, where);
  const { height, width } = object(value, name, where);
  const [h, w] = [side(height, `${name}.height`, where), side(width, `${name}.width`, where)];
  if (h !== w) refuseShape(`${name} of ${w} x ${h}`, where);
  return w;
}

function refuseShape(found: string, where: string): never {
  throw new PrumergeError("UNSUPPORTED_MODEL", "preprocessing that does not end in one square", {
    where,
    found,
  });
}

function padded(config: Json, where: string): boolean {
  const ratio = config.image_aspect_ratio ?? "square";
  if (ratio !== "square" && ratio !== "pad") {
    throw new PrumergeError("UNSUPPORTED_MODEL", "an image_aspect_ratio that is not run", {
      where,
      expected: "pad or square",
      found: JSON.stringify(ratio),
    });
  }
  return ratio === "pad" || flag(config, "do_pad", false, where);
}

function resampleOf(config: Json, where: string): ResampleFilter {
  const value = config.resample ?? 3;
  const filter = typeof value === "number" ? filters[value] : undefined;
  if (filter === undefined) fail("resample", "0 nearest, 1 lanczos, 2 bilinear or 3 bicubic", value, where);
  return filter;
}

function triple(
  config: Json,
  name: string,
  otherwise: Family["mean"],
  where: string,
): [number, number, number] {
  const value = config[name] ?? otherwise;
  const entries = typeof value === "number" ? [value, value, value] : value;
  const positive = name === "image_std";
  const right =
    Array.isArray(entries) &&
    entries.length === 3 &&
    entries.every((entry) => Number.isFinite(entry) && (!positive || entry > 0));
  if (!right) fail(name, `three ${positive ? "positive " : ""}numbers`, value, where);
  return [entries[0], entries[1], entries[2]];
}

function number(config: Json, name: string, otherwise: number, where: string): number {
  const value = config[name] ?? otherwise;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    fail(name, "a positive number", value, where);
  return value;
}

function flag(config: Json, name: string, otherwise: boolean, where: string): boolean {
  const value = config[name] ?? otherwise;
  if (typeof value !== "boolean") fail(name, "true or false", value, where);
  return value;
}

function side(value: unknown, name: string, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > largestSquare) {
    fail(name, `a whole number from 1 to ${largestSquare}`, value, where);
  }
  return value;
}

function object(value: unknown, name: string, where: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    fail(name, "an object", value, where);
  return value as Json;
}

function fail(name: string, expected: string, value: unknown, where: string): never {
  throw new PrumergeError("INVALID_FILE", `${name} does not fit`, {
    where,
    expected,
    found: (JSON.stringify(value) ?? "nothing").slice(0, 200),
  });
}
