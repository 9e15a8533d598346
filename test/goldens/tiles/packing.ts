import { join } from "node:path";
import { applyPlan } from "prumerge/reduce";
import { floats, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type { PackingCase } from "./case.js";
import type { TiledGoldens } from "./family.js";
import { geometryMisses, geometryOf } from "./geometry.js";

/** Absolute, where rows are mixtures of features; else they are the features themselves. */
const mixed = 1e-6;

/** Replays a packing case: rows of features and the newline, put in our order. Returns what differs, in words. */
export function packingMisses(
  folder: string,
  { parameters, inputs, expected, expected_file }: PackingCase,
  family: TiledGoldens,
) {
  const given = readFixture(join(folder, inputs.file));
  const newline = floats(given, inputs.image_newline);
  const ours = geometryOf(parameters.width, parameters.height, parameters, family);
  const { plan, origin } = ours.arrangement;
  const data = floats(given, inputs.features);
  const columns = newline.length;
  const arranged = applyPlan(plan, { rows: data.length / columns, columns, data });
  const rows = Array.from(origin, (row) =>
    row < 0 ? newline : arranged.data.subarray(row * columns, (row + 1) * columns),
  );
  const packed = Float32Array.from(rows.flatMap((row) => [...row]));
  const recorded = floats(readFixture(join(folder, expected_file)), expected.packed);
  const tolerance = expected.downscaled === true ? mixed : 0;
  return [...geometryMisses("", ours, expected), ...apart("packed rows", packed, recorded, tolerance)];
}
