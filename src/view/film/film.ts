import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/index.js";
import type { MergePlan } from "../../reduce/plan.js";
import { insideOf, type Sites } from "../../reduce/sites.js";
import { requireKnownPlan } from "../../reduce/unknown-plan.js";
import { inspectTokens, type SeenTokens } from "../inspect-tokens.js";
import type { Inspection } from "../inspection.js";

/** One frame that a model was shown. */
export interface FilmFrame {
  /** Which of the video's frames, from 0. */
  readonly frame: number;
  /** When it is shown, where something says it. */
  readonly seconds?: number;
  readonly inspection: Inspection;
  /** Patches of other frames that were merged into this one's visual tokens. */
  readonly borrowed: number;
}

/** What a model kept of a video, frame by frame. */
export interface Film {
  readonly name?: string;
  /** Frames that the video has. */
  readonly total: number;
  /** Frames of them that the model was shown. */
  readonly shown: number;
  /** One for each view; where the model takes several frames together, the first of them. */
  readonly frames: readonly FilmFrame[];
  readonly method: string;
  readonly visualTokens: number;
  readonly unreducedTokens: number;
  readonly notes: readonly string[];
}

/** What a model saw of a video: the result of `model.see`. */
export interface SeenVideo extends SeenTokens {
  readonly video?: {
    readonly indices: readonly number[];
    readonly seconds?: readonly number[];
    readonly total: number;
    readonly notes: readonly string[];
  };
}

/**
 * Prepares what a model saw of a video for drawing.
 *
 * @param frames the frames that were shown, in their order
 * @param name what to call the video
 * @throws PrumergeError INVALID_OPTION where frames and what was seen do not fit, or a plan only counts its rows; INVALID_TENSOR
 */
export function inspectVideo(frames: readonly Picture[], seen: SeenVideo, name?: string): Film {
  const { plan, sites, signals, statistics, video } = seen;
  requireKnownPlan(plan);
  if (
    video === undefined ||
    frames.length !== video.indices.length ||
    sites.regions.some(({ frame }) => frame >= frames.length)
  ) {
    throw new PrumergeError("INVALID_OPTION", "what was seen is not of these frames", {
      expected: `${video?.indices.length ?? 0} frames`,
      found: `${frames.length} frames, ${sites.regions.length} views`,
    });
  }
  const parts = partPlan(plan, sites);
  return {
    ...(name !== undefined && { name }),
    total: video.total,
    shown: frames.length,
    method: statistics.method,
    visualTokens: statistics.visualTokens,
    unreducedTokens: statistics.unreducedTokens,
    notes: video.notes,
    frames: sites.regions.map((region, at) => {
      const inside = insideOf(region);
      const part = parts[at];
      const own: SeenTokens = {
        plan: part.plan,
        sites: { count: part.plan.patches, regions: [{ ...region, first: 0, frame: 0 }] },
        ...(seen.question !== undefined && { question: seen.question }),
        statistics: {
          method: statistics.method,
          options: statistics.options,
          visualTokens: part.plan.keptPatches.length,
          unreducedTokens: inside.rows * inside.columns,
        },
        ...(signals?.[at] !== undefined && { signals: [signals[at]] }),
      };
      const seconds = video.seconds?.[region.frame];
      return {
        frame: video.indices[region.frame],
        ...(seconds !== undefined && { seconds }),
        inspection: inspectTokens(frames[region.frame], own),
        borrowed: part.borrowed,
      };
    }),
  };
}

interface PartedPlan {
  readonly plan: MergePlan;
  readonly borrowed: number;
}

/** The rows of each region's own patches, over these alone. */
function partPlan(plan: MergePlan, { count, regions }: Sites): PartedPlan[] {
  const regionOf = (column: number): number =>
    column >= count
      ? column - count
      : regions.findIndex(({ first, rows, columns }) => column >= first && column < first + rows * columns);
  const owners = Array.from(plan.keptPatches, (patch, row) =>
    regionOf(patch >= 0 ? patch : (plan.columns[plan.offsets[row]] ?? count)),
  );
  return regions.map(({ first, rows, columns }, at) => {
    const patches = rows * columns;
    const kept: number[] = [];
    const offsets = [0];
    const sources: number[] = [];
    const weights: number[] = [];
    let borrowed = 0;
    owners.forEach((owner, row) => {
      if (owner !== at) return;
      kept.push(plan.keptPatches[row] < 0 ? -1 : plan.keptPatches[row] - first);
      for (let entry = plan.offsets[row]; entry < plan.offsets[row + 1]; entry++) {
        const column = plan.columns[entry];
        if (regionOf(column) !== at) {
          borrowed++;
          continue;
        }
        sources.push(column >= count ? patches : column - first);
        weights.push(plan.weights[entry]);
      }
      offsets.push(sources.length);
    });
    return {
      borrowed,
      plan: {
        patches,
        keptPatches: Int32Array.from(kept),
        offsets: Int32Array.from(offsets),
        columns: Int32Array.from(sources),
        weights: Float32Array.from(weights),
      },
    };
  });
}
