import type { Interval } from "../statistics/interval.js";
import type { DifferenceEstimate, Estimate, ReportTask } from "./report-data.js";

/** What every interval of a report is. */
export const intervalWords =
  "Intervals are 95 %, over pictures: of a score Wilson's, for as many independent pictures as its answers are worth; of a difference or a share of the unreduced score, which are paired, picture by picture, Bonett and Price's.";

/** A score as tables print it: `61.3`; MME's sums `1350.3`. */
export function formatValue(value: number): string {
  return Number.isFinite(value) ? value.toFixed(1) : "-";
}

/** `61.3 (58.9 to 63.6)`. */
export function formatEstimate(estimate: Estimate | undefined): string {
  if (estimate === undefined) return "-";
  return `${formatValue(estimate.value)}${formatInterval(estimate.interval)}`;
}

/** `+1.2 (-0.4 to +2.8, p 0.14)`: a difference, with its corrected p-value where it has one. */
export function formatDifference(
  estimate: (Estimate & Partial<Pick<DifferenceEstimate, "corrected">>) | undefined,
): string {
  if (estimate === undefined) return "-";
  const { value, interval, corrected } = estimate;
  const inside = [
    ...(interval === undefined ? [] : [`${signed(interval.low)} to ${signed(interval.high)}`]),
    ...(corrected === undefined ? [] : [`p ${formatP(corrected)}`]),
  ];
  return signed(value) + (inside.length === 0 ? "" : ` (${inside.join(", ")})`);
}

/** What p-values are. @param comparisons how many differences there are */
export function pWords(comparisons: number): string {
  return `p-values are two-sided, paired, of the intervals' own statistic, and corrected by Holm's method for all ${comparisons} differences here; each interval is about its own difference alone.`;
}

function formatP(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(p < 0.1 ? 3 : 2);
}

/** Whether a difference's interval lies on one side of 0. */
export function isClear({ interval }: Estimate): boolean {
  return interval !== undefined && (interval.low > 0 || interval.high < 0);
}

function formatInterval(interval: Interval | undefined): string {
  return interval === undefined ? "" : ` (${formatValue(interval.low)} to ${formatValue(interval.high)})`;
}

function signed(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return `${value > 0 ? "+" : ""}${value.toFixed(1)}`;
}

/** `64` or, where pictures differ, `38.2`. */
export function formatTokens(tokens: number): string {
  return Number.isInteger(tokens) ? String(tokens) : tokens.toFixed(1);
}

/** Which questions the numbers of a task are about. */
export function questionWords({ questions, available }: ReportTask): string {
  return questions === available ? `${questions} questions` : `${questions} of ${available} questions`;
}

/** A command line as a shell takes it. */
export function commandLine(words: readonly string[]): string {
  const quoted = words.map((word) =>
    /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ["prumerge", ...quoted].join(" ");
}
