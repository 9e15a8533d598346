import type { AnswerOptions } from "../generate/answer-options.js";
import type { Question } from "../generate/messages.js";
import type { LoadedModel, SeeOptions } from "../generate/model.js";
import type { Picture } from "../image/index.js";
import type { Reducer } from "../reduce/index.js";
import { type AnswerReport, reportAnswer } from "./answer-report.js";
import { formatCount, formatMilliseconds } from "./format.js";
import { formatTable, type Row } from "./table.js";

/**
 * Answers one question with several reducers. The first run of a session is slower than those after it: one untimed
 * round goes ahead, and no run profits from another's key/value cache.
 */
export async function compareReducers(
  model: LoadedModel,
  pictures: readonly Picture[],
  question: Question,
  reducers: readonly Reducer[],
  options: { readonly see: SeeOptions; readonly answer: AnswerOptions },
): Promise<AnswerReport[]> {
  const seeOptions = options.see;
  const answerOptions = { ...options.answer, reusePrefix: false };
  const [smallest] = reducers.slice(-1);
  const warm = await model.see(pictures, smallest, seeOptions);
  await model.answer(warm, question, { ...answerOptions, maxNewTokens: 1 }).result;
  const reports: AnswerReport[] = [];
  for (const reducer of reducers) {
    const seen = await model.see(pictures, reducer, seeOptions);
    const result = await model.answer(seen, question, answerOptions).result;
    reports.push(reportAnswer(seen, result));
  }
  return reports;
}

/** The unreduced run and a reduced one, side by side. */
export function formatComparison(unreduced: AnswerReport, reduced: AnswerReport, width: number): string {
  const times = (name: string, key: "firstTokenMilliseconds" | "totalMilliseconds"): Row => [
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
