import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  decodePicture,
  type PixelValues,
  type PreprocessSpec,
  parsePreprocessing,
  preprocess,
  preprocessFrames,
} from "prumerge/image";
import { llavaOnevision } from "../../../src/families/llava-onevision/run.js";
import { isOneHot } from "../../../src/reduce/one-hot.js";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type {
  FramesExpectation,
  PictureExpectation,
  ProcessorCase,
  SeveralExpectation,
  SizeExpectation,
} from "./case.js";
import type { TiledGoldens } from "./family.js";
import { type Geometry, geometryMisses, geometryOf, gridsOf } from "./geometry.js";

/** Absolute; the pixels before normalising must be equal. */
const tolerance = 1e-6;

/** Replays a processor case; returns what differs, in words. */
export async function processorMisses(
  folder: string,
  test: ProcessorCase,
  family: TiledGoldens,
): Promise<string[]> {
  const { expected, inputs } = test;
  if ("pictures" in expected)
    return expected.pictures.flatMap((picture) => sizeMisses(test, picture, family));
  const tensors = readFixture(join(folder, test.expected_file!));
  if ("pixel_values_videos" in expected) {
    const files = inputs.frames!.map((file) => join(folder, file));
    return framesMisses(test, expected, files, tensors, family);
  }
  if ("views_per_image" in expected) {
    const files = inputs.images!.map((file) => join(folder, file));
    return severalMisses(test, expected, files, tensors, family);
  }
  return pictureMisses(test, expected, join(folder, inputs.image!), tensors, family);
}

function sizeMisses(
  { parameters }: ProcessorCase,
  recorded: SizeExpectation,
  family: TiledGoldens,
): string[] {
  const { width, height, original_llava: original } = recorded;
  const name = `${width} x ${height}: `;
  const [ours, originals] = (["hugging-face", "original"] as const).map((rule) =>
    geometryOf(width, height, parameters, family, rule),
  ) as [Geometry, Geometry];
  const same = JSON.stringify(ours) === JSON.stringify(originals);
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
  family: TiledGoldens,
): Promise<string[]> {
  const picture = await decodePicture(file);
  const ours = geometryOf(picture.width, picture.height, parameters, family);
  const original = geometryOf(picture.width, picture.height, parameters, family, "original");
  const misses = [
    ...geometryMisses("", ours, expected),
    ...geometryMisses("original ", original, expected.original_llava),
    ...orderMisses(ours, parameters.side ** 2, tensors, expected.packed_view_and_patch),
  ];
  if (expected.placeholders !== ours.visual_tokens) misses.push(`${ours.visual_tokens} placeholders`);
  if (String(expected.image_sizes) !== String([picture.height, picture.width]))
    misses.push("size of the picture");
  for (const backend of ["pil", "torchvision"] as const) {
    const spec = specOf(parameters, backend, family);
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
    const spec = { ...specOf(parameters, "pil", family), grids: gridsOf(parameters, "original") };
    const values = joined(preprocess(picture, spec));
    misses.push(...apart("original values", values, floats(tensors, recorded), tolerance));
  }
  return misses;
}

/** Several pictures of one prompt: each a view of its own with one separator, or tiles in a prompt of its own. */
async function severalMisses(
  { parameters }: ProcessorCase,
  expected: SeveralExpectation,
  files: readonly string[],
  tensors: ReadonlyMap<string, FixtureTensor>,
  family: TiledGoldens,
): Promise<string[]> {
  const pictures = await Promise.all(files.map((file) => decodePicture(file)));
  const aspect = family.several!;
  const misses: string[] = [];
  const sizes = pictures.map(({ width, height }) => [height, width]);
  if (String(sizes) !== String(expected.image_sizes)) misses.push("sizes of the pictures");
  for (const backend of ["pil", "torchvision"] as const) {
    const name = expected.pixel_values[backend];
    if (name === null) continue;
    const seen = pictures.map((picture) =>
      preprocess(picture, specOf(parameters, backend, family), { aspect }),
    );
    const values = Float32Array.from(seen.flatMap((pixels) => [...joined(pixels)]));
    misses.push(...apart(`${backend} values`, values, floats(tensors, name), tolerance));
  }
  const alone = pictures.map(
    ({ width, height }) => geometryOf(width, height, parameters, family).visual_tokens,
  );
  const each = parameters.side ** 2 + 1;
  const counts = [each, each * pictures.length, alone.reduce((sum, count) => sum + count, 0)];
  const recorded = [
    expected.placeholders_per_image,
    expected.placeholders,
    expected.if_passed_as_flat_list.placeholders,
  ];
  if (String(counts) !== String(recorded)) misses.push(`${counts} placeholders, recorded ${recorded}`);
  return misses;
}

/** Frames of a video, halved along both sides, and one separator behind them. */
async function framesMisses(
  { parameters }: ProcessorCase,
  expected: FramesExpectation,
  files: readonly string[],
  tensors: ReadonlyMap<string, FixtureTensor>,
  family: TiledGoldens,
): Promise<string[]> {
  const frames = await Promise.all(files.map((file) => decodePicture(file)));
  // No grids stand in a video processor's settings.
  const plain = { ...family, processor: "SiglipImageProcessor" };
  const misses = (["pil", "torchvision"] as const).flatMap((backend) => {
    const values = joined(preprocessFrames(frames, specOf(parameters, backend, plain)));
    const recorded = floats(tensors, expected.pixel_values_videos[backend]);
    return apart(`${backend} values`, values, recorded, tolerance);
  });
  const { tile, patch } = parameters;
  const spec = { vision: { imageSize: tile, patchSize: patch } } as Parameters<
    typeof llavaOnevision.arrange
  >[2];
  const pixels = preprocessFrames(frames, specOf(parameters, "pil", plain));
  const { origin } = llavaOnevision.arrange(llavaOnevision.sites(pixels, spec), pixels, spec);
  if (origin.length !== expected.placeholders) misses.push(`${origin.length} placeholders`);
  return misses;
}

/** The settings as a checkpoint's file has them. */
function specOf(
  parameters: ProcessorCase["parameters"],
  backend: "pil" | "torchvision",
  { processor, whole }: TiledGoldens,
): PreprocessSpec {
  const { tile, image_grid_pinpoints, image_mean, image_std, resample } = parameters;
  return parsePreprocessing({
    image_processor_type: `${processor}${backend === "pil" ? "Pil" : "Fast"}`,
    ...whole(tile),
    image_grid_pinpoints,
    image_mean,
    image_std,
    resample,
  });
}

function shapeMisses({ views, tiles, picture }: PixelValues, ours: Geometry): string[] {
  const grid = [tiles?.rows, tiles?.columns];
  const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
  return [
    ...(String(grid) === String(ours.grid) ? [] : [`tiles ${grid}`]),
    ...(views.length === ours.views ? [] : [`${views.length} views`]),
    ...(JSON.stringify(views[0]?.rectangle) === JSON.stringify(whole) ? [] : ["the first view shows a part"]),
  ];
}

function orderMisses(
  { arrangement: { plan, origin } }: Geometry,
  patches: number,
  tensors: ReadonlyMap<string, FixtureTensor>,
  name: string | null,
): string[] {
  if (name === null) return isOneHot(plan) ? ["the tiles are not shrunk"] : [];
  const pairs = [...origin].flatMap((row) => {
    const site = row < 0 ? -1 : plan.keptPatches[row]!;
    return site < 0 ? [-1, -1] : [Math.floor(site / patches), site % patches];
  });
  const same = isOneHot(plan) && pairs.join() === integers(tensors, name).join();
  return same ? [] : ["other patches, or in another order"];
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
