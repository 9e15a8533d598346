import type { AnswerResult } from "../generate/answer-result.js";
import type { Dtype } from "../models/dtypes.js";
import { formatBudget, isUnknownPlan } from "../reduce/index.js";
import type { OtherPositions } from "../see/row-place.js";
import type { ViewCounts, VisualTokens, WatchedVideo } from "../see/visual-tokens.js";

/** One answer with what it took; times in milliseconds, encoder included. */
export interface AnswerReport {
  readonly method: string;
  /** As `--visual-tokens` spells it; null without a picture. */
  readonly budget: string | null;
  readonly methodOptions: Readonly<Record<string, unknown>>;
  /** Only where rows were not put one after another. */
  readonly positions?: OtherPositions;
  /** How many fewer than asked for the context had left to the pictures; only where some are missing. */
  readonly missingPositions?: number;
  readonly answer: string;
  readonly finishReason: AnswerResult["finishReason"];
  readonly tokenIds: readonly number[];
  /** Of the weights that the prompt was multiplied by, where these are others than those of tokens. */
  readonly prefillDtype?: Dtype;
  readonly seed: number | null;
  readonly unreducedTokens: number;
  readonly visualTokens: number;
  readonly promptTokens: number;
  /** `keptPatches` is null where a baked reduction does not tell. */
  readonly pictures: readonly {
    readonly visualTokens: number;
    readonly keptPatches: readonly number[] | null;
    /** Of each view, where there are several: patches that show the picture, and visual tokens made of them. */
    readonly views?: readonly ViewCounts[];
    /** Of a video: which frames the views are, when they are shown, of how many they were taken and how. */
    readonly video?: WatchedVideo;
  }[];
  /** All times are work; nothing else runs beside, so that there is no waiting to tell. */
  readonly encodeMilliseconds: number;
  readonly prefillMilliseconds: number;
  readonly firstTokenMilliseconds: number;
  readonly perTokenMilliseconds: number | null;
  readonly totalMilliseconds: number;
  /** Exact bytes of the prompt's keys and values. */
  readonly keyValueBytes: number;
}

export function reportAnswer(seen: readonly VisualTokens[], result: AnswerResult): AnswerReport {
  const { timings } = result;
  const [first] = seen;
  const positions = first?.statistics.positions;
  return {
    method: first?.statistics.method ?? "none",
    budget: first === undefined ? null : formatBudget(first.statistics.budget),
    methodOptions: first?.statistics.options ?? {},
    ...(positions !== undefined && { positions }),
    ...(result.missingPositions !== undefined && { missingPositions: result.missingPositions }),
    answer: result.text,
    finishReason: result.finishReason,
    tokenIds: result.tokenIds,
    ...(result.prefillDtype !== undefined && { prefillDtype: result.prefillDtype }),
    seed: result.seed ?? null,
    unreducedTokens: seen.reduce((sum, { statistics }) => sum + statistics.unreducedTokens, 0),
    visualTokens: result.visualTokens,
    promptTokens: result.promptTokens,
    pictures: seen.map(({ plan, statistics, video }) => ({
      visualTokens: statistics.visualTokens,
      keptPatches: isUnknownPlan(plan) ? null : [...plan.keptPatches].filter((patch) => patch >= 0),
      ...((statistics.views?.length ?? 1) > 1 && { views: statistics.views! }),
      ...(video !== undefined && { video }),
    })),
    encodeMilliseconds: timings.encode,
    prefillMilliseconds: timings.prefill,
    firstTokenMilliseconds: timings.encode + timings.firstToken,
    perTokenMilliseconds: timings.perToken ?? null,
    totalMilliseconds: timings.encode + timings.total,
    keyValueBytes: result.keyValueBytes,
  };
}

/** What is to be said of videos that were watched: that one ends early, for example. */
export function watchedNotes(seen: readonly VisualTokens[]): string[] {
  return [...new Set(seen.flatMap(({ video }) => video?.notes ?? []))];
}
