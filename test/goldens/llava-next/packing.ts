import { join } from "node:path";
import { floats, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type { PackingCase } from "./case.js";
import { geometryMisses, geometryOf } from "./geometry.js";

/** Replays a packing case: rows of features and the newline, put in our order. Returns what differs, in words. */
export function packingMisses(folder: string, { parameters, inputs, expected, expected_file }: PackingCase) {
  const given = readFixture(join(folder, inputs.file));
  const features = floats(given, inputs.features);
  const newline = floats(given, inputs.image_newline);
  const ours = geometryOf(parameters.width, parameters.height, parameters, "hugging-face");
  const rows = Array.from(ours.order, (site) =>
    site < 0 ? newline : features.subarray(site * newline.length, (site + 1) * newline.length),
  );
  const packed = Float32Array.from(rows.flatMap((row) => [...row]));
  const recorded = floats(readFixture(join(folder, expected_file)), expected.packed);
  return [...geometryMisses("", ours, expected), ...apart("packed rows", packed, recorded, 0)];
}
