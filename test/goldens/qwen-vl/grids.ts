import { join } from "node:path";
import type { VisualTokens } from "prumerge";
import { gridPlaces } from "../../../src/families/qwen-vl/grid-places.js";
import { tableMix } from "../../../src/families/qwen-vl/position-table.js";
import { towerOrder } from "../../../src/families/qwen-vl/tower-order.js";
import { windowsOf } from "../../../src/families/qwen-vl/windows.js";
import { promptPlaces } from "../../../src/generate/prompt.js";
import { oneRegion } from "../../../src/reduce/sites.js";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { type GridCase, type PositionsCase, tensorName } from "./case.js";

/** Positions of a prompt with pictures; undefined where it holds a video, which is not run. */
export function positionsMisses(folder: string, test: PositionsCase): string[] | undefined {
  const { parameters, inputs, expected } = test;
  if (inputs.video_grid_thw !== null) return undefined;
  const ids = integers(readFixture(join(folder, inputs.file)), inputs.input_ids);
  const merge = parameters.spatial_merge_size;
  const pictures = (inputs.image_grid_thw ?? []).map(([, rows, columns]) =>
    pictureOf(rows / merge, columns / merge),
  );
  const { units, rest } = promptUnits(ids, parameters.image_token_id, pictures);
  const { positions, next } = promptPlaces(units, 0);
  const ours = [0, 1, 2].flatMap((axis) =>
    positions.map((position) => (typeof position === "number" ? position : position[axis]!)),
  );
  const recorded = integers(readFixture(join(folder, test.expected_file)), tensorName(expected.position_ids));
  return [
    ...(rest === 0 ? [] : [`${rest} pictures without a place`]),
    ...(ours.join() === recorded.join() ? [] : [`positions ${ours.join(" ")}`]),
    ...(next === expected.next_position ? [] : [`next ${next}`]),
    ...(next - ids.length === expected.rope_delta ? [] : [`delta ${next - ids.length}`]),
  ];
}

/** Ids with each run of placeholders, as many as a picture has rows, as one picture. */
function promptUnits(ids: Int32Array, placeholder: number, pictures: readonly VisualTokens[]) {
  const units: (number | VisualTokens)[] = [];
  let picture = 0;
  for (let at = 0; at < ids.length; ) {
    if (ids[at] !== placeholder) units.push(ids[at++]!);
    else {
      at += pictures[picture]!.embeddings.rows;
      units.push(pictures[picture++]!);
    }
  }
  return { units, rest: pictures.length - picture };
}

/** As much of a picture as has to do with where its rows stand. */
function pictureOf(rows: number, columns: number): VisualTokens {
  const sites = oneRegion({ rows, columns }, { x: 0, y: 0, width: columns, height: rows });
  return { embeddings: { rows: sites.count }, place: gridPlaces(sites) } as VisualTokens;
}

export function windowMisses({ parameters, inputs, expected }: GridCase): string[] {
  const { spatial_merge_size: merge, window_size: size, patch_size: patch } = parameters;
  const index: number[] = [];
  const ends = [0];
  for (const [frames, rows, columns] of inputs.grid_thw) {
    const tokens = { rows: rows / merge, columns: columns / merge };
    for (let frame = 0; frame < frames; frame++) {
      const first = index.length;
      const { order, sizes } = windowsOf(tokens, size! / merge / patch!);
      index.push(...Array.from(order, (token) => first + token));
      for (const count of sizes) ends.push(ends.at(-1)! + count * merge ** 2);
    }
  }
  return [
    ...(index.join() === expected.window_index!.join() ? [] : [`index ${index.join(" ")}`]),
    ...(ends.join() === expected.cu_window_seqlens!.join() ? [] : [`ends ${ends.join(" ")}`]),
  ];
}

export function placesMisses({ parameters, inputs, expected }: GridCase): string[] {
  const merge = parameters.spatial_merge_size;
  const places = inputs.grid_thw.flatMap(([, rows, columns]) =>
    Array.from(towerOrder({ rows: rows / merge, columns: columns / merge }, merge), (patch) => [
      Math.floor(patch / columns),
      patch % columns,
    ]),
  );
  return places.join() === expected.row_column!.join() ? [] : [`places ${places.join(" ")}`];
}

export function tableMisses(folder: string, test: GridCase): string[] {
  const { parameters, inputs, expected } = test;
  const merge = parameters.spatial_merge_size;
  const mixes = inputs.grid_thw.map(([, rows, columns]) => {
    const order = towerOrder({ rows: rows / merge, columns: columns / merge }, merge);
    return tableMix({ rows, columns }, order, parameters.num_grid_per_side!);
  });
  const tensors = readFixture(join(folder, test.expected_file!));
  // Recorded patch by patch.
  const turned = (corners: (mix: (typeof mixes)[0]) => ArrayLike<number>) =>
    mixes.flatMap((mix) => {
      const all = corners(mix);
      const count = all.length / 4;
      return Array.from({ length: count }, (_, at) =>
        [0, 1, 2, 3].map((corner) => all[corner * count + at]!),
      ).flat();
    });
  const rows = turned((mix) => mix.rows);
  const indices = integers(tensors, tensorName(expected.indices!));
  return [
    ...(rows.join() === indices.join() ? [] : ["other rows of the table"]),
    ...apart(
      "weights",
      Float32Array.from(turned((mix) => mix.weights)),
      floats(tensors, tensorName(expected.weights!)),
      1e-7,
    ),
  ];
}
