import type { z } from "zod";
import { plainArrangement } from "../../reduce/arrangement.js";
import { oneHotRows } from "../../reduce/one-hot.js";
import type { ExportDoor } from "../export-door.js";
import type { RunFamily } from "../family.js";
import { patchRegions } from "../patch-regions.js";
import { exported } from "./exported.js";
import { gridPlaces, picturePlaces, timeOf } from "./grid-places.js";
import {
  type Qwen2VlSpec,
  type Qwen3VlSpec,
  type Qwen25VlSpec,
  type QwenVlSpec,
  qwen2VlSchema,
  qwen3VlSchema,
  qwen25VlSchema,
} from "./spec.js";
import { towerFeeds } from "./tower-feeds.js";
import {
  framesOfSize,
  framesTogetherOfSize,
  timeTexts,
  type VideoWay,
  videoDoor,
  visionMarks,
} from "./video.js";
import { wholeView } from "./whole-view.js";

/** What differs between the generations. */
type Own<Spec extends QwenVlSpec> = Pick<RunFamily<Spec>, "places" | "around" | "beside"> & {
  readonly way: VideoWay;
};

function family<Spec extends QwenVlSpec>(
  name: Spec["family"],
  schema: z.ZodType<Spec>,
  { way, ...own }: Own<Spec>,
): RunFamily<Spec> {
  return {
    name,
    schema,
    tiles: false,
    video: () => videoDoor(way),
    // A row is what the language model sees and what has a position; it mixes exactly its own patches, and not linearly.
    sitesAre: "rows",
    sites: (pixels, { vision }) => patchRegions(pixels, { patchSize: vision.patchSize * vision.mergeSize }),
    arrange: ({ count }) =>
      plainArrangement(
        oneHotRows(
          count,
          Int32Array.from({ length: count }, (_, site) => site),
        ),
      ),
    feeds: (view, { vision }) => towerFeeds(wholeView(view, vision), vision),
    exported: exported as ExportDoor<Spec>,
    ...own,
  };
}

export const qwen2Vl = family<Qwen2VlSpec>("qwen2-vl", qwen2VlSchema, {
  way: framesOfSize,
  places: (sites) => gridPlaces(sites),
});

export const qwen25Vl = family<Qwen25VlSpec>("qwen2.5-vl", qwen25VlSchema, {
  way: framesOfSize,
  places: (sites, { times }, { vision }) =>
    gridPlaces(sites, times && timeOf(times.step, vision.tokensPerSecond ?? usualTokensPerSecond)),
});

/** transformers' `Qwen2_5_VLVisionConfig`. */
const usualTokensPerSecond = 4;

export const qwen3Vl = family<Qwen3VlSpec>("qwen3-vl", qwen3VlSchema, {
  way: framesTogetherOfSize,
  places: (sites) => picturePlaces(sites),
  around: timeTexts,
  beside: visionMarks,
});
