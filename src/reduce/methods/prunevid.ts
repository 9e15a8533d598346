import { inverseNorms } from "../../tensor/cosine.js";
import type { Matrix } from "../../tensor/matrix.js";
import type { Budget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { clusterMeans } from "../cluster-means.js";
import { densityClusters } from "../density-clusters.js";
import type { Method } from "../method.js";
import { refuseOption, refuseUnknownOptions, withDefaults } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { type Segment, videoSegments } from "../video-segments.js";

export interface PruneVidOptions {
  /** A place is static where its frames are more alike than this on average, by their cosine; -1 .. 1, default 0.8. */
  readonly threshold?: number;
  /** Segments for each frame, before they are joined; above 0, at most 1, default 0.25. */
  readonly segments?: number;
  /** Clusters for each token that is clustered; above 0, at most 1, default 0.5. */
  readonly clusters?: number;
}

const budget = { kind: "rule" } as const satisfies Budget;
const defaults = { threshold: 0.8, segments: 0.25, clusters: 0.5 } as const satisfies PruneVidOptions;
/** Of the released program: neighbours that a density is taken over, and how many tokens are left as they are. */
const [neighbours, few] = [7, 14];

/**
 * PruneVID's merging of static tokens over time, and of similar ones within a frame: its first stage, without the second, which prunes by
 * the language model's attention.
 *
 * Frames are clustered by the means of their tokens, int(segments T) clusters, and cut into segments where the cluster changes, see
 * `videoSegments`. In a segment of several frames a place whose tokens are alike, the mean cosine of every two frames above `threshold`,
 * is static: its tokens become their mean. Static tokens of a segment, and the others of each frame, are clustered where they are more than 14, into
 * int(clusters n), and each cluster becomes its mean. All of that on rows behind the projector, with `densityClusters` of 7 neighbours; the
 * means are of the patches before it. Rows: of each segment the static ones, then the others frame by frame, raster order of their centres.
 *
 * Source: arXiv 2412.16117 and Visual-AI/PruneVid at b12600c, whose program adds noise to densities; here ties go to the lowest token. A
 * picture is one frame, of which no place is static.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(video, pruneVid({ clusters: 0.25 }));
 * ```
 */
export function pruneVid(options: PruneVidOptions = {}): Reducer {
  refuseUnknownOptions("prunevid", options, Object.keys(defaults));
  const checked = withDefaults<Required<PruneVidOptions>>(defaults, options);
  const { threshold, segments, clusters } = checked;
  if (!(typeof threshold === "number" && threshold >= -1 && threshold <= 1))
    refuseOption("prunevid", "threshold", "a number from -1 to 1", threshold);
  for (const [name, share] of Object.entries({ segments, clusters }))
    if (!(typeof share === "number" && share > 0 && share <= 1))
      refuseOption("prunevid", name, "a number above 0 and at most 1", share);
  return {
    method: "prunevid",
    budget,
    options: Object.freeze({ ...checked }),
    need: { projected: true },
    acrossFrames: true,
    plan(signals) {
      checkSignals(signals);
      const rows = projectedRows(signals);
      const { frames = 1 } = signals;
      const patches = rows.rows / frames;
      const home = new Int32Array(rows.rows);
      const order: number[] = [];
      /** Puts tokens together, each of them at its place in all of the frames. */
      const join = (places: readonly number[], first: number, length: number) => {
        const sites = places.map((place) => first * patches + place);
        for (const { centre, members } of clustered(sites, rows, patches, length, clusters)) {
          order.push(centre);
          for (const site of members)
            for (let frame = 0; frame < length; frame++) home[site + frame * patches] = centre;
        }
      };
      for (const segment of segmentsOf(rows, frames, segments)) {
        const alike = placesAlike(rows, patches, segment);
        const all = Array.from(alike.keys());
        const isStatic = (place: number) => segment.length > 1 && alike[place]! > threshold;
        join(all.filter(isStatic), segment.first, segment.length);
        const others = all.filter((place) => !isStatic(place));
        for (let frame = 0; frame < segment.length; frame++) join(others, segment.first + frame, 1);
      }
      return clusterMeans(home, Int32Array.from(order));
    },
  };
}

function segmentsOf(rows: Matrix, frames: number, share: number): Segment[] {
  const patches = rows.rows / frames;
  const sites = (frame: number) => Array.from({ length: patches }, (_, place) => frame * patches + place);
  const means = Array.from({ length: frames }, (_, frame) => meanOf(rows, sites(frame)));
  const count = Math.max(1, Math.trunc(frames * share));
  return videoSegments(densityClusters(stacked(means), count, neighbours).home);
}

/** Of each place the mean cosine of every two frames of a segment. */
function placesAlike(rows: Matrix, patches: number, { first, length }: Segment): Float64Array {
  const { columns, data } = rows;
  const inverse = inverseNorms(rows);
  const sum = new Float64Array(columns);
  return Float64Array.from({ length: patches }, (_, place) => {
    sum.fill(0);
    for (let frame = first; frame < first + length; frame++) {
      const site = frame * patches + place;
      for (let c = 0; c < columns; c++) sum[c]! += data[site * columns + c]! * inverse[site]!;
    }
    // The square of the sum holds each pair twice, and each frame with itself.
    const square = sum.reduce((total, value) => total + value ** 2, 0);
    return (square - length) / (length * (length - 1));
  });
}

/** Tokens, each the mean of a site and those below it in the next frames, put together where they are many. */
function clustered(
  sites: readonly number[],
  rows: Matrix,
  patches: number,
  length: number,
  share: number,
): { readonly centre: number; readonly members: readonly number[] }[] {
  if (sites.length <= few) return sites.map((site) => ({ centre: site, members: [site] }));
  const below = (site: number) => Array.from({ length }, (_, frame) => site + frame * patches);
  const tokens = stacked(sites.map((site) => meanOf(rows, below(site))));
  const count = Math.max(1, Math.trunc(sites.length * share));
  const { centres, home } = densityClusters(tokens, count, neighbours);
  return Array.from(centres, (centre, cluster) => ({
    centre: sites[centre]!,
    members: sites.filter((_, at) => home[at] === cluster),
  }));
}

function meanOf({ columns, data }: Matrix, sites: readonly number[]): Float32Array {
  const sum = new Float64Array(columns);
  for (const site of sites) for (let c = 0; c < columns; c++) sum[c]! += data[site * columns + c]!;
  return Float32Array.from(sum, (value) => value / sites.length);
}

function stacked(rows: readonly Float32Array[]): Matrix {
  const columns = rows[0]!.length;
  const data = new Float32Array(rows.length * columns);
  for (const [at, row] of rows.entries()) data.set(row, at * columns);
  return { rows: rows.length, columns, data };
}

export const pruneVidMethod: Method = {
  name: "prunevid",
  description: "of a video's frames, places that stay the same once, and similar ones together",
  budgets: [budget.kind],
  defaultBudget: budget,
  create: pruneVid,
};
