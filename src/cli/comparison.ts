import type { AnswerReport } from "./answer-report.js";
import { formatCount, formatMilliseconds } from "./format.js";
import { formatTable, type Row } from "./table.js";

type Times = "firstTokenMilliseconds" | "encodeMilliseconds" | "prefillMilliseconds" | "totalMilliseconds";

/** The unreduced run and a reduced one, side by side. */
export function formatComparison(unreduced: AnswerReport, reduced: AnswerReport, width: number): string {
  const times = (name: string, key: Times): Row => [
    name,
    formatMilliseconds(unreduced[key]),
    formatMilliseconds(reduced[key]),
    ratio(unreduced[key], reduced[key]),
  ];
  const counts = (name: string, key: "visualTokens" | "keyValueBytes"): Row => [
    name,
    formatCount(unreduced[key]),
    formatCount(reduced[key]),
    ratio(unreduced[key], reduced[key]),
  ];
  const perToken = [unreduced.perTokenMilliseconds, reduced.perTokenMilliseconds] as const;
  return formatTable(
    [
      ["", "unreduced", reduced.method, ""],
      counts("visual tokens", "visualTokens"),
      ...viewRows(unreduced, reduced),
      times("time to first token", "firstTokenMilliseconds"),
      times("encoding", "encodeMilliseconds"),
      times("prompt", "prefillMilliseconds"),
      [
        "time per token",
        ...perToken.map((time) => (time === null ? "-" : formatMilliseconds(time))),
        perToken[0] === null || perToken[1] === null ? "" : ratio(perToken[0], perToken[1]),
      ],
      times("total", "totalMilliseconds"),
      counts("key/value bytes", "keyValueBytes"),
      ["answer", unreduced.answer, reduced.answer, ""],
    ],
    { width, right: [3] },
  );
}

/** How many visual tokens each view has, of pictures of several. */
function viewRows(unreduced: AnswerReport, reduced: AnswerReport): Row[] {
  const several = (report: AnswerReport) =>
    report.pictures.flatMap(({ views }) => (views === undefined ? [] : [views]));
  const [before, after] = [several(unreduced), several(reduced)];
  if (before.length === 0 && after.length === 0) return [];
  const told = (pictures: typeof before) =>
    pictures.map((views) => runsOf(views.map((view) => view.visualTokens))).join("; ");
  return [["- of each view", told(before), told(after), ""]];
}

/** `576, 4 x 32`: equal neighbours together. */
function runsOf(counts: readonly number[]): string {
  const runs: { count: number; times: number }[] = [];
  for (const count of counts) {
    const last = runs.at(-1);
    if (last?.count === count) last.times++;
    else runs.push({ count, times: 1 });
  }
  return runs.map(({ count, times }) => (times === 1 ? String(count) : `${times} x ${count}`)).join(", ");
}

function ratio(before: number, after: number): string {
  return after > 0 ? `${(before / after).toFixed(1)}x` : "";
}
