import { relative } from "node:path";
import { starterModel } from "../models/names.js";
import type { AnswerReport } from "./answer-report.js";
import { formatMilliseconds } from "./format.js";
import { formatTable, type Row } from "./table.js";

/** The table of `npm start`, and where to go next. */
export function formatDemo(
  path: string,
  question: string,
  reports: readonly AnswerReport[],
  width: number,
): string {
  const picture = relative(process.cwd(), path);
  const rows = reports.map(
    (report): Row => [
      report.budget === "all" ? "unreduced" : report.method,
      `${report.visualTokens}`,
      formatMilliseconds(report.firstTokenMilliseconds),
      report.answer,
    ],
  );
  const table = formatTable([["method", "visual tokens", "time to first token", "answer"], ...rows], {
    width,
    right: [1, 2],
  });
  return `${picture}: ${question}

${table}
What was kept, and times and memory side by side:
  npx prumerge inspect ${picture} -o kept.png
  npx prumerge ask ${picture} "${question}" --compare
A picture of yours needs a real model (this one is tiny and knows only drawn scenes like its samples). The smallest:
  npx prumerge ask PICTURE QUESTION --model ${starterModel}
Everything else:
  npx prumerge --help
`;
}
