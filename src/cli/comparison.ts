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

function ratio(before: number, after: number): string {
  return after > 0 ? `${(before / after).toFixed(1)}x` : "";
}
