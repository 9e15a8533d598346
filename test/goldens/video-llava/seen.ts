import type { PixelValues, VisualTokens } from "prumerge";
import { applyPlan, type Matrix } from "prumerge/reduce";
import { type FixtureTensor, floats } from "../../support/safetensors.js";
import { apart } from "../model-check.js";
import type { VideoLlavaCase } from "./case.js";

const tolerances = { pixels: 1e-5, hidden: 1e-4, merged: 1e-4, projected: 1e-4 } as const;

type Kind = "picture" | "video";
type Tensors = ReadonlyMap<string, FixtureTensor>;

/** The tower's input against what the program gave it, of the frames that were recorded. */
export function pixelMisses(kind: Kind, { views }: PixelValues, tensors: Tensors): string[] {
  const data = Float32Array.from(views.flatMap((view) => [...view.data]));
  const original = kind === "video" ? "pixel_values_video_cthw" : "pixel_values_image";
  const ported = kind === "video" ? "pixel_values_videos" : "pixel_values_images";
  const found = tensors.get(original);
  if (found === undefined) {
    if (!tensors.has(ported)) return [];
    const recorded = floats(tensors, ported);
    return apart(
      `pixel values of the ${kind}`,
      data.subarray(0, recorded.length),
      recorded,
      tolerances.pixels,
    );
  }
  const recorded = floats(tensors, original);
  return apart(
    `pixel values of the ${kind}`,
    kind === "video" ? turned(data, found.shape) : data,
    recorded,
    tolerances.pixels,
  );
}

/** [T, C, H, W] as [C, T, H, W]. */
function turned(data: Float32Array, [channels, frames, height, width]: readonly number[]): Float32Array {
  const plane = height! * width!;
  const result = new Float32Array(data.length);
  for (let frame = 0; frame < frames!; frame++)
    for (let channel = 0; channel < channels!; channel++) {
      const from = (frame * channels! + channel) * plane;
      result.set(data.subarray(from, from + plane), (channel * frames! + frame) * plane);
    }
  return result;
}

/** Hidden states, keys and queries of the tower, class token included. */
export function towerMisses(kind: Kind, { signals = [] }: VisualTokens, tensors: Tensors): string[] {
  const name = kind === "video" ? "video" : "image";
  const all = (part: (view: NonNullable<(typeof signals)[number]>) => Float32Array) =>
    Float32Array.from(signals.flatMap((view) => [...part(view!)]));
  const misses: string[] = [];
  const compare = (tensor: string, ours: Float32Array) => {
    if (tensors.has(tensor)) misses.push(...apart(tensor, ours, floats(tensors, tensor), tolerances.hidden));
  };
  const hidden = all(({ classFeatures, patches }) =>
    Float32Array.of(...classFeatures!.data, ...patches.data),
  );
  compare(`${name}.hidden_minus2`, hidden);
  compare(
    `${name}.k_last`,
    all(({ keys }) => keys.data),
  );
  compare(
    `${name}.q_cls`,
    all(({ queries }) => queries.data),
  );
  const without = tensors.get(`${name}.hidden_minus2_without_temporal`);
  if (without !== undefined && apart("", hidden, without.data as Float32Array, 1).length === 0)
    misses.push("hidden states as if the frames were not looked across");
  return misses;
}

export function visualMisses(
  kind: Kind,
  { expected }: VideoLlavaCase,
  tensors: Tensors,
  seen: VisualTokens,
): string[] {
  const video = kind === "video";
  const kept = video ? expected.kept_indices : expected.image_kept_indices;
  if (kept === null || kept === undefined) return [];
  const { plan, sites } = seen;
  const perView = sites.count / sites.regions.length;
  const rows = kept.flatMap((view, at) => [...view.map((patch) => at * perView + patch), -1]);
  const misses = rows.join() === plan.keptPatches.join() ? [] : [`${kind} kept ${plan.keptPatches}`];
  const counts = seen.statistics.views?.map(({ visualTokens }) => visualTokens).join();
  if (video && counts !== expected.tokens_per_frame?.join()) misses.push(`rows of the frames: ${counts}`);
  const merged = video ? expected.merged : "both-prumerge.image_merged";
  if (merged !== null) {
    const recorded = floats(tensors, merged);
    const largest = recorded.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    misses.push(
      ...apart("merged tokens", applyPlan(plan, patchesOf(seen)).data, recorded, tolerances.merged * largest),
    );
  }
  if (video && expected.projected !== null)
    misses.push(
      ...apart("projected", seen.embeddings.data, floats(tensors, expected.projected), tolerances.projected),
    );
  return misses;
}

/** [sites, C] */
function patchesOf({ signals, sites }: VisualTokens): Matrix {
  const { columns } = signals![0]!.patches;
  const data = Float32Array.from(signals!.flatMap((frame) => [...frame!.patches.data]));
  return { rows: sites.count, columns, data };
}
