import { join } from "node:path";
import type { VisualTokens } from "prumerge";
import type { SitePlaces } from "../../../src/families/family.js";
import { gridPlaces, picturePlaces, timeOf } from "../../../src/families/qwen-vl/grid-places.js";
import { tableMix } from "../../../src/families/qwen-vl/position-table.js";
import { towerOrder } from "../../../src/families/qwen-vl/tower-order.js";
import { windowsOf } from "../../../src/families/qwen-vl/windows.js";
import { promptPlaces } from "../../../src/generate/prompt.js";
import { oneHotRows } from "../../../src/reduce/one-hot.js";
import type { Grid, Sites } from "../../../src/reduce/sites.js";
import { partRows } from "../../../src/see/row-runs.js";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import { type GridCase, type PositionsCase, tensorName } from "./case.js";

/** Positions of a prompt with pictures and videos, as both versions of transformers have them where they differ. */
export function positionsMisses(folder: string, test: PositionsCase): string[] {
  const { parameters, inputs, expected } = test;
  const ids = integers(readFixture(join(folder, inputs.file)), inputs.input_ids);
  const seconds = parameters.second_per_grid_ts;
  const recorded = (name: string, file: string) =>
    integers(readFixture(join(folder, file)), tensorName(name));
  const later = {
    positions: recorded(expected.position_ids, test.expected_file),
    next: expected.next_position,
    delta: expected.rope_delta,
  };
  // That version leaves the time of a video out of where text goes on.
  const pictures = mediaOf(test, ids, seconds, "longer side");
  const misses = placeMisses(ids, parameters, pictures, later);
  if (expected.position_ids_4_57_6 === undefined) {
    if (inputs.video_grid_thw === null) return misses;
    return [...misses, ...placeMisses(ids, parameters, mediaOf(test, ids, seconds, "furthest"), later)];
  }
  // This one has no parts of seconds.
  const whole = seconds?.map(Math.trunc);
  const before = {
    positions: recorded(expected.position_ids_4_57_6, /\((.*)\)/.exec(expected.position_ids_4_57_6)![1]!),
    next: expected.next_position_4_57_6!,
    delta: expected.rope_delta_4_57_6!,
  };
  return [...misses, ...placeMisses(ids, parameters, mediaOf(test, ids, whole, "furthest"), before)];
}

type Placed = Pick<VisualTokens, "embeddings" | "place">;

function placeMisses(
  ids: Int32Array,
  { image_token_id: picture, video_token_id: video }: PositionsCase["parameters"],
  media: Readonly<Record<"pictures" | "videos", readonly Placed[]>>,
  recorded: { readonly positions: Int32Array; readonly next: number; readonly delta: number },
): string[] {
  const rest = { pictures: [...media.pictures], videos: [...media.videos] };
  const units: (number | VisualTokens)[] = [];
  for (let at = 0; at < ids.length; ) {
    const id = ids[at]!;
    const unit = id === picture ? rest.pictures.shift() : id === video ? rest.videos.shift() : undefined;
    units.push((unit ?? id) as VisualTokens);
    at += unit?.embeddings.rows ?? 1;
  }
  const { positions, next: after } = promptPlaces(units, 0);
  const ours = [0, 1, 2].flatMap((axis) =>
    positions.map((position) => (typeof position === "number" ? position : position[axis]!)),
  );
  // Decoding goes on behind the largest position, which is the prompt's last but where a video's time was left out of that.
  const next = ours.reduce((most, position) => Math.max(most, position + 1), after);
  const left = rest.pictures.length + rest.videos.length;
  return [
    ...(left === 0 ? [] : [`${left} pictures without a place`]),
    ...(ours.join() === recorded.positions.join() ? [] : [`positions ${ours.join(" ")}`]),
    ...(next === recorded.next ? [] : [`next ${next}`]),
    ...(next - ids.length === recorded.delta ? [] : [`delta ${next - ids.length}`]),
  ];
}

/** As much of pictures and videos as has to do with where their rows stand; of a video in parts, each part. */
function mediaOf(
  { parameters, inputs }: PositionsCase,
  ids: Int32Array,
  seconds: readonly number[] | undefined,
  goesOn: "longer side" | "furthest",
): { readonly pictures: readonly Placed[]; readonly videos: readonly Placed[] } {
  const merge = parameters.spatial_merge_size;
  const sitesOf = ([frames, rows, columns]: readonly number[]) =>
    stacked(frames!, { rows: rows! / merge, columns: columns! / merge });
  const placed = ({ count }: Sites, place: SitePlaces): Placed =>
    ({ embeddings: { rows: count }, place }) as unknown as Placed;
  const runs = [...ids].filter(
    (id, at) => id === parameters.video_token_id && ids[at - 1] !== parameters.video_token_id,
  ).length;
  const apart = runs > (inputs.video_grid_thw?.length ?? 0);
  return {
    pictures: (inputs.image_grid_thw ?? []).map(sitesOf).map((sites) => placed(sites, gridPlaces(sites))),
    videos: (inputs.video_grid_thw ?? []).flatMap((grid, at) => {
      const sites = sitesOf(grid);
      if (apart) return partsOf(sites);
      const clock = seconds && timeOf(seconds[at]!, parameters.tokens_per_second!);
      const places = gridPlaces(sites, clock);
      const { rows, columns } = sites.regions[0]!;
      const advance = goesOn === "furthest" ? places.advance : Math.max(rows, columns);
      return [placed(sites, { ...places, advance })];
    }),
  };
}

/** Each frame's rows, parted by texts. */
function partsOf(sites: Sites): readonly Placed[] {
  const { starts, ...place } = picturePlaces(sites);
  const embeddings = { rows: sites.count, columns: 1, data: new Float32Array(sites.count) };
  const all = Int32Array.from({ length: sites.count }, (_, site) => site);
  return partRows({ embeddings, place }, oneHotRows(sites.count, all), sites, [], starts).runs as never;
}

/** Frames of one size. */
function stacked(frames: number, { rows, columns }: Grid): Sites {
  const rectangle = { x: 0, y: 0, width: columns, height: rows };
  const size = rows * columns;
  return {
    count: frames * size,
    regions: Array.from({ length: frames }, (_, frame) => ({
      ...{ first: frame * size, rows, columns, rectangle, frame },
    })),
  };
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
