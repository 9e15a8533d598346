import { join } from "node:path";
import { PrumergeError } from "prumerge";
import {
  decodePicture,
  type Picture,
  type PixelValues,
  type PreprocessSpec,
  parsePreprocessing,
  preprocess,
  resizePicture,
} from "prumerge/image";
import { towerOrder } from "../../../src/families/qwen-vl/tower-order.js";
import { nativeSize } from "../../../src/image/native-size.js";
import { floats, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import {
  type Checksum,
  type PictureCase,
  type ProcessorParameters,
  type SizesCase,
  tensorName,
} from "./case.js";

/** Sizes of many pictures, by arithmetic alone. */
export function sizesMisses({ parameters, expected }: SizesCase): string[] {
  const { patch_size: patch, merge_size: merge, min_pixels: min, max_pixels: max } = parameters;
  return expected.rows.flatMap(({ width, height, expected_error: error, ...recorded }) => {
    const name = `${width} x ${height}`;
    try {
      const size = nativeSize(width, height, { unit: patch * merge, min, max });
      if (error !== undefined) return [`${name}: the official program raises ${error.text}`];
      const [rows, columns] = [size.height / patch, size.width / patch];
      const ours = {
        resized: [size.height, size.width],
        image_grid_thw: [1, rows, columns],
        patches: rows * columns,
        placeholders: (rows * columns) / merge ** 2,
      };
      const same = JSON.stringify(ours) === JSON.stringify(recorded);
      return same ? [] : [`${name}: ${JSON.stringify(ours)}`];
    } catch (failure) {
      if (error !== undefined && PrumergeError.isInstance(failure) && failure.code === "INVALID_IMAGE")
        return [];
      throw failure;
    }
  });
}

/** One picture or several, decoded, resized by either backend, normalised and cut into patches. */
export async function pictureMisses(folder: string, test: PictureCase): Promise<string[]> {
  const { parameters, inputs, expected } = test;
  const files = inputs.images ?? [inputs.image!];
  const misses: string[] = [];
  const rows: Float32Array[] = [];
  const grids: (readonly number[])[] = [];
  for (const file of files) {
    const picture = await decodePicture(join(folder, file));
    const pixels = preprocess(picture, specOf(parameters, "Pil"));
    const [{ width, height }] = pixels.views as [PixelValues["views"][0]];
    grids.push([1, height / parameters.patch_size, width / parameters.patch_size]);
    rows.push(patchRows(pixels, parameters));
    if (expected.resized !== undefined) misses.push(...resizedMisses(folder, test, picture));
  }
  if (grids.flat().join() !== expected.image_grid_thw.flat().join()) misses.push(`grids ${grids.join("; ")}`);
  const all = Float32Array.from(rows.flatMap((part) => [...part]));
  misses.push(...checksumMisses(all, expected.pixel_values_checksum));
  if (expected.pixel_values !== undefined) {
    const recorded = floats(
      readFixture(join(folder, test.expected_file!)),
      tensorName(expected.pixel_values),
    );
    misses.push(...apart("pixel values", all, recorded, 1e-6));
  }
  return misses;
}

export function checksumMisses(values: Float32Array, recorded: Checksum): string[] {
  if (values.length !== recorded.shape.reduce((product, size) => product * size, 1))
    return [`${values.length} pixel values`];
  const some = Float32Array.from(recorded.flat_index, (at) => values[at]!);
  const sum = values.reduce((total, value) => total + value, 0);
  const absolute = values.reduce((total, value) => total + Math.abs(value), 0);
  const near = (ours: number, theirs: number) => Math.abs(ours - theirs) <= 1e-6 * values.length;
  return [
    ...apart("some pixel values", some, Float32Array.from(recorded.value), 1e-6),
    ...(near(sum, recorded.sum) && near(absolute, recorded.abs_sum) ? [] : [`sums ${sum} and ${absolute}`]),
  ];
}

/** The 8-bit picture of both backends, where recorded. */
function resizedMisses(folder: string, { expected, expected_file }: PictureCase, picture: Picture): string[] {
  const tensors = readFixture(join(folder, expected_file!));
  const pil = tensors.get(tensorName(expected.resized_pil!))!;
  const [height, width] = expected.resized!;
  return (["pillow", "torchvision"] as const).flatMap((resampler) => {
    const text = resampler === "pillow" ? expected.resized_pil! : expected.resized_torchvision!;
    if (text.startsWith("not stored")) return [];
    const recorded = text.startsWith("same as") ? pil : tensors.get(tensorName(text))!;
    const { data } = resizePicture(picture, { width, height, resampler });
    return Buffer.from(data).equals(Buffer.from(recorded.data)) ? [] : [`${resampler}: other bytes`];
  });
}

function specOf(parameters: ProcessorParameters, backend: "Pil" | "Fast"): PreprocessSpec {
  return parsePreprocessing({ image_processor_type: `Qwen2VLImageProcessor${backend}`, ...parameters });
}

/** Patches as the official processor stores them: [patches, channels x 2 frames x patch x patch], in the tower's order. */
export function patchRows(
  { views }: PixelValues,
  { patch_size: patch, merge_size: merge }: Pick<ProcessorParameters, "patch_size" | "merge_size">,
): Float32Array {
  const [{ data, width, height }] = views as [PixelValues["views"][0]];
  const columns = width / patch;
  const order = towerOrder({ rows: height / patch / merge, columns: columns / merge }, merge);
  const rows = new Float32Array(order.length * 6 * patch * patch);
  let at = 0;
  for (const place of order) {
    const [top, left] = [Math.floor(place / columns) * patch, (place % columns) * patch];
    for (let channel = 0; channel < 3; channel++) {
      for (let frame = 0; frame < 2; frame++) {
        for (let y = top; y < top + patch; y++) {
          const from = channel * width * height + y * width + left;
          rows.set(data.subarray(from, from + patch), at);
          at += patch;
        }
      }
    }
  }
  return rows;
}
