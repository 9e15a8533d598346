import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodePicture,
  type PixelValues,
  type PreprocessSpec,
  parsePreprocessing,
  preprocess,
} from "prumerge/image";
import { markers } from "../../../src/families/smolvlm/markers.js";
import { createTokenizer } from "../../../src/generate/tokenizer.js";
import { splitGeometry } from "../../../src/image/tiles/split-geometry.js";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type { PicturesExpectation, ProcessorCase, SizesExpectation } from "./case.js";
import { promptIds } from "./prompt-ids.js";

/** Absolute; the pixels before normalising must be equal. */
const tolerance = 1e-6;

/** Replays a processor case; returns what differs, in words. */
export async function processorMisses(folder: string, test: ProcessorCase): Promise<string[]> {
  return "sizes" in test.expected
    ? sizesMisses(test, test.expected)
    : await picturesMisses(folder, test, test.expected);
}

function sizesMisses({ parameters }: ProcessorCase, { columns, sizes }: SizesExpectation): string[] {
  return sizes.flatMap((recorded) => {
    const [width, height] = recorded as [number, number];
    const ours = sizesOf({ width, height }, parameters);
    const named = columns.filter((name) => name in ours);
    const misses = named.filter((name) => ours[name] !== recorded[columns.indexOf(name)]);
    if (named.length < columns.length - 2) misses.push("columns that are not known here");
    return misses.map((name) => `${width} x ${height}: ${name} ${ours[name]}`);
  });
}

/** By the names of the recorded columns; one tile is none, and its count is said to be 0. */
function sizesOf(
  picture: { width: number; height: number },
  { longest_edge, max_image_size, do_image_splitting: splits }: ProcessorCase["parameters"],
): Record<string, number> {
  const { scaled, filled, rows, columns } = splitGeometry(picture, longest_edge, max_image_size);
  const whole = { width: max_image_size, height: max_image_size };
  const second = splits ? filled : whole;
  const tiles = splits && rows * columns > 1 ? { rows, cols: columns } : { rows: 0, cols: 0 };
  const views = tiles.rows * tiles.cols + 1;
  return {
    stage1_width: scaled.width,
    stage1_height: scaled.height,
    stage2_width: second.width,
    stage2_height: second.height,
    ...tiles,
    views,
    counted_patches: views > 1 ? views : 0,
    counted_rows: tiles.rows,
    counted_cols: tiles.cols,
  };
}

async function picturesMisses(
  folder: string,
  { parameters, inputs, expected_file }: ProcessorCase,
  expected: PicturesExpectation,
): Promise<string[]> {
  const spec = specOf(parameters);
  const misses: string[] = [];
  const pixels: PixelValues[] = [];
  for (const [at, file] of inputs.images!.entries()) {
    const picture = await decodePicture(join(folder, file));
    const sizes = sizesOf(picture, parameters);
    const pairs = [
      [sizes.stage1_height, sizes.stage1_width],
      [sizes.stage2_height, sizes.stage2_width],
      [sizes.rows, sizes.cols],
    ].join();
    const recorded = [
      expected.stage1_hw[at],
      expected.stage2_hw[at],
      [expected.rows[at], expected.cols[at]],
    ].join();
    if (pairs !== recorded) misses.push(`sizes ${pairs}, recorded ${recorded}`);
    const made = preprocess(picture, spec);
    const grid = [made.tiles?.rows ?? 0, made.tiles?.columns ?? 0].join();
    if (grid !== [expected.rows[at], expected.cols[at]].join()) misses.push(`tiles ${grid}`);
    pixels.push(made);
  }
  const views = pixels.flatMap((one) => one.views);
  if (views.length !== expected.views) misses.push(`${views.length} views`);
  const values = Float32Array.from(views.flatMap(({ data }) => [...data]));
  if (hashOf(bytesOf(values, spec)) !== expected.uint8_views_chw_sha256) misses.push("other bytes");
  if (hashOf(interleaved(bytesOf(values, spec), spec.size)) !== expected.uint8_views_sha256)
    misses.push("other bytes, interleaved");
  const tensors = readFixture(join(folder, expected_file!));
  if (expected.pixel_values !== undefined)
    misses.push(...apart("values", values, floats(tensors, expected.pixel_values), tolerance));
  const ids = idsOf(folder, parameters, expected.prompt_text, pixels);
  const recordedIds = integers(tensors, expected.input_ids);
  if (ids.join() !== recordedIds.join()) misses.push(`ids ${ids}, recorded ${recordedIds}`);
  if (ids.length !== expected.sequence_length) misses.push(`${ids.length} ids`);
  const tokens = views.length * parameters.image_seq_len!;
  if (tokens !== expected.image_tokens) misses.push(`${tokens} visual tokens`);
  return misses;
}

/** The settings as a checkpoint's file has them. */
function specOf(parameters: ProcessorCase["parameters"]): PreprocessSpec {
  const { longest_edge, max_image_size, do_image_splitting, image_mean, image_std } = parameters;
  return parsePreprocessing({
    image_processor_type: "Idefics3ImageProcessor",
    size: { longest_edge },
    max_image_size: { longest_edge: max_image_size },
    do_image_splitting,
    ...(image_mean !== undefined && { image_mean: Array(3).fill(image_mean) }),
    ...(image_std !== undefined && { image_std: Array(3).fill(image_std) }),
  });
}

function idsOf(
  folder: string,
  { tokenizer: path, image_seq_len }: ProcessorCase["parameters"],
  text: string,
  pixels: readonly PixelValues[],
): number[] {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, path!, name), "utf8"));
  const files = [read("tokenizer.json"), read("tokenizer_config.json")] as const;
  const tokenizer = createTokenizer(...files, folder);
  const imageTokenId = tokenizer.encode("<image>", { add_special_tokens: false }).ids[0]!;
  const pictures = pixels.map(({ tiles, views }) => ({
    texts: markers(tiles),
    rows: views.map(() => image_seq_len!),
  }));
  return promptIds(text, pictures, { tokenizer, imageTokenId });
}

/** The views before they were normalised, channels first. */
export function bytesOf(
  values: Float32Array,
  { mean, deviation, rescale, size }: PreprocessSpec,
): Uint8Array {
  return Uint8Array.from(values, (value, at) => {
    const channel = Math.floor(at / size ** 2) % 3;
    return Math.round((value * deviation[channel]! + mean[channel]!) / rescale);
  });
}

/** [views, 3, size, size] to [views, size, size, 3]. */
export function interleaved(bytes: Uint8Array, size: number): Uint8Array {
  const plane = size ** 2;
  return bytes.map((_, at) => {
    const [view, rest] = [Math.floor(at / (3 * plane)), at % (3 * plane)];
    return bytes[view * 3 * plane + (rest % 3) * plane + Math.floor(rest / 3)]!;
  });
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
