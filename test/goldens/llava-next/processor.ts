import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  decodePicture,
  type PixelValues,
  type PreprocessSpec,
  parsePreprocessing,
  preprocess,
} from "prumerge/image";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type { PictureExpectation, ProcessorCase, SizeExpectation } from "./case.js";
import { geometryMisses, geometryOf, gridsOf } from "./geometry.js";

/** Absolute; the pixels before normalising must be equal. */
const tolerance = 1e-6;

/** Replays a processor case; returns what differs, in words, or undefined for a case of something else than one picture. */
export async function processorMisses(folder: string, test: ProcessorCase): Promise<string[] | undefined> {
  const { expected, inputs } = test;
  if ("pictures" in expected) return expected.pictures.flatMap((picture) => sizeMisses(test, picture));
  if (inputs.image === undefined || test.expected_file === null) return undefined;
  return pictureMisses(
    test,
    expected,
    join(folder, inputs.image),
    readFixture(join(folder, test.expected_file)),
  );
}

function sizeMisses({ parameters }: ProcessorCase, recorded: SizeExpectation): string[] {
  const { width, height, original_llava: original } = recorded;
  const name = `${width} x ${height}: `;
  const [ours, originals] = (["hugging-face", "original"] as const).map((rule) =>
    geometryOf(width, height, parameters, rule),
  ) as [ReturnType<typeof geometryOf>, ReturnType<typeof geometryOf>];
  const same = String(Object.values(ours)) === String(Object.values(originals));
  return [
    ...geometryMisses(name, ours, recorded),
    ...geometryMisses(`${name}original `, originals, original),
    ...(same === recorded.same_as_original ? [] : [`${name}same as the original: ${same}`]),
  ];
}

async function pictureMisses(
  { parameters }: ProcessorCase,
  expected: PictureExpectation,
  file: string,
  tensors: ReadonlyMap<string, FixtureTensor>,
): Promise<string[]> {
  const picture = await decodePicture(file);
  const ours = geometryOf(picture.width, picture.height, parameters, "hugging-face");
  const original = geometryOf(picture.width, picture.height, parameters, "original");
  const misses = [
    ...geometryMisses("", ours, expected),
    ...geometryMisses("original ", original, expected.original_llava),
    ...orderMisses(ours.order, parameters.side ** 2, integers(tensors, expected.packed_view_and_patch)),
  ];
  if (expected.placeholders !== ours.visual_tokens) misses.push(`${ours.visual_tokens} placeholders`);
  if (String(expected.image_sizes) !== String([picture.height, picture.width]))
    misses.push("size of the picture");
  for (const backend of ["pil", "torchvision"] as const) {
    const spec = specOf(parameters, backend);
    const pixels = preprocess(picture, spec);
    misses.push(...shapeMisses(pixels, ours));
    const hash = hashOf(pixels, spec);
    if (hash !== expected.uint8_views_sha256[backend]) misses.push(`${backend}: other bytes`);
    const name = expected.pixel_values[backend];
    if (name !== null)
      misses.push(...apart(`${backend} values`, joined(pixels), floats(tensors, name), tolerance));
  }
  const { pixel_values: own, pixel_values_vs_pil_max_abs: apartFromPil } = expected.original_llava;
  const recorded = own ?? (apartFromPil === 0 ? expected.pixel_values.pil : null);
  if (recorded !== null) {
    const spec = { ...specOf(parameters, "pil"), grids: gridsOf(parameters, "original") };
    const values = joined(preprocess(picture, spec));
    misses.push(...apart("original values", values, floats(tensors, recorded), tolerance));
  }
  return misses;
}

/** The settings as a checkpoint's file has them. */
function specOf(parameters: ProcessorCase["parameters"], backend: "pil" | "torchvision"): PreprocessSpec {
  const { tile, image_grid_pinpoints, image_mean, image_std, resample } = parameters;
  return parsePreprocessing({
    image_processor_type: `LlavaNextImageProcessor${backend === "pil" ? "Pil" : "Fast"}`,
    size: { shortest_edge: tile },
    crop_size: { height: tile, width: tile },
    image_grid_pinpoints,
    image_mean,
    image_std,
    resample,
  });
}

function shapeMisses({ views, tiles, picture }: PixelValues, ours: ReturnType<typeof geometryOf>): string[] {
  const grid = [tiles?.rows, tiles?.columns];
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  return [
    ...(String(grid) === String(ours.grid) ? [] : [`tiles ${grid}`]),
    ...(views.length === ours.views ? [] : [`${views.length} views`]),
    ...(JSON.stringify(views[0]?.rectangle) === JSON.stringify(whole) ? [] : ["the first view shows a part"]),
  ];
}

function orderMisses(order: Int32Array, patches: number, recorded: Int32Array): string[] {
  const pairs = [...order].flatMap((site) =>
    site < 0 ? [-1, -1] : [Math.floor(site / patches), site % patches],
  );
  return pairs.join() === recorded.join() ? [] : ["other patches, or in another order"];
}

/** [views, 3, tile, tile] */
function joined({ views }: PixelValues): Float32Array {
  return Float32Array.from(views.flatMap(({ data }) => [...data]));
}

/** SHA-256 of the views before they were normalised, as bytes. */
function hashOf({ views }: PixelValues, { mean, deviation, rescale }: PreprocessSpec): string {
  const hash = createHash("sha256");
  for (const { data } of views) {
    const plane = data.length / 3;
    const bytes = Array.from(data, (value, at) => {
      const channel = Math.floor(at / plane) as 0 | 1 | 2;
      return Math.round((value * deviation[channel] + mean[channel]) / rescale);
    });
    hash.update(Uint8Array.from(bytes));
  }
  return hash.digest("hex");
}
