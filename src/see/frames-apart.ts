import { partRows, siteStarts } from "./row-runs.js";
import type { VisualTokens } from "./visual-tokens.js";

/**
 * A video whose frames stand apart in prompts, with a text between every two: where a prompt has one place for the video, each
 * frame's rows get one of their own. Video-LLaVA's own sample asks so, with single spaces; its evaluation without.
 *
 * @example
 * ```ts
 * const answer = model.answer(framesApart(await model.see(video), " "), "What happens?");
 * ```
 */
export function framesApart(seen: VisualTokens, between: string): VisualTokens {
  const { plan, sites, statistics } = seen;
  const starts = statistics.positions === "original" ? siteStarts(sites) : undefined;
  const texts = sites.regions.map((_, frame) => (frame === 0 ? "" : between));
  return {
    ...seen,
    parted: partRows(seen, plan, sites, [...texts, ""], starts),
  };
}
