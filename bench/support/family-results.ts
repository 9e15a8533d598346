import type { BenchResult } from "../result.js";
import type { FamilyCheckpoint } from "./family-checkpoints.js";

/** One first token: milliseconds of work, and of all threads' processor time. */
interface FirstToken {
  readonly encode: number;
  readonly language: number;
  readonly processor: { readonly encode: number; readonly all: number };
  readonly promptTokens: number;
  readonly visualTokens: number;
}

/** Bytes, while one picture is seen. */
interface Peak {
  readonly before: number;
  readonly peak: number;
  readonly features: number;
  readonly views: number;
}

/** What `family-child.mjs` prints. */
export interface Asked {
  readonly unreducedTokens: number;
  readonly tokens: number;
  readonly views?: number;
  readonly times: Readonly<Record<"unreduced" | "reduced", readonly FirstToken[]>>;
  readonly memory?: Readonly<Record<"few" | "many", Peak>>;
  /** Milliseconds of one thread, by method. */
  readonly planned: Readonly<Record<string, number>>;
}

/** What is measured of one first token: milliseconds that passed, or of all threads' processor time. */
type Clock = "time" | "processor time";
type Part = "encoder" | "language model";
const clocks: readonly Clock[] = ["processor time", "time"];
const parts: readonly Part[] = ["encoder", "language model"];
const ways = ["unreduced", "reduced"] as const;

/**
 * Figures of one family. Ratios of processor time come first, since other programs move them little, and are what is aimed at;
 * those of the time that passed stand beside them.
 */
export function familyResults(
  name: string,
  family: FamilyCheckpoint,
  threads: number,
  asked: Asked,
): BenchResult[] {
  const { times, tokens, unreducedTokens, views = 1 } = asked;
  const result = (title: string, median: number, unit: string, notes: string): BenchResult => {
    return { name: `${name}: ${title}`, median, unit, notes };
  };
  const [width, height] = family.picture;
  const counts = `${width} x ${height}, ${views} views, ${unreducedTokens} visual tokens to ${tokens} by ${family.method}`;
  const aim = family.target === undefined ? "no target" : `target at least ${family.target}`;
  const encoder = median(times.unreduced.map((run) => of(run, "encoder", "processor time")));
  return [
    ...clocks.flatMap((clock) =>
      ways.flatMap((way) =>
        parts.map((part) => {
          const { promptTokens } = times[way][0]!;
          const values = times[way].map((run) => of(run, part, clock));
          const notes = `${counts}; ${promptTokens} tokens of prompt; ${spread(values, threads)}`;
          return result(`${part}, ${way}, ${clock}`, median(values), "ms", notes);
        }),
      ),
    ),
    ...clocks.flatMap((clock) => gains(times, clock, `${counts}; ${aim}`, result)),
    ...Object.entries(asked.planned).map(([method, milliseconds]) =>
      result(
        `planning ${method}, over the encoder`,
        milliseconds / (encoder / 2),
        "ratio",
        `${milliseconds.toFixed(0)} ms of one thread for all views, over half of the encoder's processor time, as two threads share it; target at most 0.02`,
      ),
    ),
    ...memoryResults(asked, result),
  ];
}

type Result = (title: string, median: number, unit: string, notes: string) => BenchResult;

/** Unreduced over reduced. */
function gains(times: Asked["times"], clock: Clock, counts: string, result: Result): BenchResult[] {
  const [unreduced, reduced] = ways.map((way) => {
    const [encoder, language] = parts.map((part) => median(times[way].map((run) => of(run, part, clock))));
    return { encoder: encoder!, language: language!, whole: encoder! + language! };
  });
  const whole = unreduced!.whole / reduced!.whole;
  const allowed = unreduced!.whole / (unreduced!.encoder + reduced!.language);
  return [
    result(`gain in the language model, ${clock}`, unreduced!.language / reduced!.language, "ratio", counts),
    result(`gain with the encoder, ${clock}`, whole, "ratio", "first token, unreduced over reduced"),
    result(
      `gain that the encoder allows, ${clock}`,
      allowed,
      "ratio",
      "were it exactly as slow as unreduced",
    ),
    result(`gain over what is allowed, ${clock}`, whole / allowed, "ratio", "target at least 0.9"),
    result(
      `encoder, reduced over unreduced, ${clock}`,
      reduced!.encoder / unreduced!.encoder,
      "ratio",
      "reduction included",
    ),
  ];
}

function of({ encode, language, processor }: FirstToken, part: Part, clock: Clock): number {
  if (clock === "time") return part === "encoder" ? encode : language;
  return part === "encoder" ? processor.encode : processor.all - processor.encode;
}

function memoryResults({ memory }: Asked, result: Result): BenchResult[] {
  if (memory === undefined) return [];
  const { few, many } = memory;
  const grown = ({ before, peak }: Peak) => (peak - before) / 1e6;
  const megabytes = ({ features }: Peak) => (features / 1e6).toFixed(1);
  return [
    result(
      "memory while seeing, many views",
      grown(many),
      "MB",
      `${many.views} views, beyond what was resident; features ${megabytes(many)} MB`,
    ),
    result(
      "memory while seeing, few views",
      grown(few),
      "MB",
      `${few.views} views, beyond what was resident; features ${megabytes(few)} MB`,
    ),
    result(
      "memory of a view more",
      (grown(many) - grown(few) - (many.features - few.features) / 1e6) / (many.views - few.views),
      "MB",
      "beyond its features",
    ),
  ];
}

function spread(values: readonly number[], threads: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0));
  return `median of ${values.length}, ${least} .. ${most}, ${threads} thread${threads === 1 ? "" : "s"}`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
