import { nativeShape } from "./native-shape.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import type { ProcessorClass } from "./processor-class.js";
import {
  fail,
  failed,
  flag,
  type Json,
  object,
  refuseShape,
  refuseWord,
  side,
  square,
} from "./processor-fields.js";
import { checkGrids, expectedGrids } from "./tiles/check-grids.js";
import { expectedEdge, isEdge } from "./tiles/check-split.js";

/** How what the tower sees is taken from a picture. */
export type Shape = Pick<
  PreprocessSpec,
  "size" | "shortestEdge" | "longestEdge" | "aspect" | "grids" | "area"
>;

/** Reads what an image processor's settings say of sizes, crops, padding and tiles. */
export function processorShape(config: Json, family: ProcessorClass, where: string): Shape {
  if (family.shape === "tiles") return tiledShape(config, family, where);
  if (family.shape === "native") return nativeShape(config, where);
  if (family.shape === "split") return splitShape(config, family, where);
  const shape = squareShape(config, family, where);
  return padded(config, where) ? { ...shape, aspect: "pad" } : shape;
}

function squareShape(config: Json, family: ProcessorClass, where: string): Shape {
  const crops = family.shape === "crop";
  const cropsHere = flag(config, "do_center_crop", crops, where);
  if (!flag(config, "do_resize", true, where)) refuseShape("do_resize: false", where);
  const size = config.size ?? (crops ? { shortest_edge: family.size } : family.size);
  const edge = typeof size === "object" && size !== null ? (size as Json).shortest_edge : undefined;
  if (edge === undefined && !(typeof size === "number" && crops)) {
    const whole = square(size, "size", where);
    const cropped = config.crop_size;
    if (cropsHere && cropped !== undefined && square(cropped, "crop_size", where) !== whole) {
      refuseShape("a crop of a picture that was stretched to a square", where);
    }
    return { size: whole, shortestEdge: whole, aspect: "stretch" };
  }
  const shortestEdge = side(edge ?? size, "size.shortest_edge", where);
  if (!cropsHere) refuseShape("the shortest edge resized without a crop", where);
  const cropped = config.crop_size === undefined ? family.size : square(config.crop_size, "crop_size", where);
  return { size: cropped, shortestEdge, aspect: "crop" };
}

function padded(config: Json, where: string): boolean {
  const ratio = config.image_aspect_ratio ?? "square";
  if (ratio !== "square" && ratio !== "pad") {
    refuseWord("an image_aspect_ratio that is not run", "pad or square", ratio, where);
  }
  return ratio === "pad" || flag(config, "do_pad", false, where);
}

/**
 * The processors of LLaVA-NeXT and LLaVA-OneVision: views and tiles are of the crop's size, or the whole picture's where
 * there is no crop, which resizing and cropping them then leaves alone; `do_pad` fills up a batch and not a picture.
 */
function tiledShape(config: Json, family: ProcessorClass, where: string): Shape {
  for (const name of ["do_resize", "do_center_crop", "do_pad"]) flag(config, name, true, where);
  for (const name of ["aspect_ratio_setting", "image_aspect_ratio"]) {
    const word = config[name] ?? "anyres";
    if (word !== "anyres") refuseWord(`tiles by another ${name}`, "anyres", word, where);
  }
  const whole = wholeSide(config.size ?? family.size, where);
  const tile = square(config.crop_size ?? family.crop ?? whole, "crop_size", where);
  if (whole !== tile) refuseShape(`a whole picture of ${whole} pixels and tiles of ${tile}`, where);
  const checked = checkGrids(config.image_grid_pinpoints ?? family.grids, tile);
  if ("found" in checked) failed("image_grid_pinpoints", expectedGrids(tile), checked.found, where);
  return { size: tile, shortestEdge: tile, aspect: "anyres", grids: checked.grids };
}

function wholeSide(size: unknown, where: string): number {
  if (typeof size === "number") return side(size, "size", where);
  const { shortest_edge: edge } = object(size, "size", where);
  return edge === undefined ? square(size, "size", where) : side(edge, "size.shortest_edge", where);
}

/** Idefics3's and SmolVLM's processors: `do_pad` fills up a batch and not a picture. */
function splitShape(config: Json, family: ProcessorClass, where: string): Shape {
  flag(config, "do_pad", true, where);
  if (!flag(config, "do_resize", true, where)) refuseShape("do_resize: false", where);
  const tile = longestSide(config.max_image_size ?? { longest_edge: family.size }, "max_image_size", where);
  const size = object(config.size ?? { longest_edge: 4 * family.size }, "size", where);
  const edge = size.longest_edge;
  if (edge === undefined) refuseShape("a size without longest_edge before it is split into tiles", where);
  if (!isEdge(edge, tile)) fail("size.longest_edge", expectedEdge(tile), edge, where);
  const splits = flag(config, "do_image_splitting", true, where);
  return { size: tile, shortestEdge: tile, longestEdge: edge, aspect: splits ? "anyres" : "stretch" };
}

function longestSide(value: unknown, name: string, where: string): number {
  return side(object(value, name, where).longest_edge, `${name}.longest_edge`, where);
}
