import type { JudgedSets } from "../eval/judge/judge-sets.js";
import type { JudgeSummary } from "../eval/judge/judge-summary.js";
import type { JudgeTotals } from "../eval/judge/judge-totals.js";
import type { PythonError } from "../eval/judge/python-integer.js";
import { roundHalfEven } from "../eval/scoring/round-half-even.js";
import { formatCount } from "./format.js";
import { formatTable, type Row } from "./table.js";

/** What a judge says of sets of answers: each reading with its own counts, and what it cost. */
export function formatJudged({ sets, cost }: JudgedSets, width: number): string {
  const judged = sets.flatMap(({ task, configuration, summary }) =>
    summary === undefined
      ? []
      : [{ name: configuration === "" ? task : `${task} ${configuration}`, summary }],
  );
  const [first] = judged;
  if (first === undefined) return "Judge: there are no answers to judge\n";
  const { judge } = first.summary;
  const served = [...new Set(judged.flatMap(({ summary }) => summary.served))];
  const failed = judged.reduce((sum, { summary }) => sum + summary.failed, 0);
  const tokens = `${formatCount(cost.promptTokens)} + ${formatCount(cost.completionTokens)} tokens`;
  return [
    `Judge: ${judge.model} at ${judge.url}${served.length === 0 ? "" : `, served as ${served.join(", ")}`}; protocol ${judge.protocol}`,
    "Not official numbers: those came from versions of gpt-3.5-turbo that differ among each other by 8 to 10 points.",
    "",
    ...judged.map(({ name, summary }) => setLines(name, summary, width)),
    `${formatCount(cost.requests)} requests, ${formatCount(cost.repeated)} of them repeated; ${tokens}` +
      `${cost.uncounted > 0 ? ` (${formatCount(cost.uncounted)} replies without a count)` : ""}, ${(cost.milliseconds / 1000).toFixed(1)} s of answering`,
    ...(failed > 0
      ? [`${formatCount(failed)} answers have no reply and do not count; the same command asks again`]
      : []),
    "",
  ].join("\n");
}

function setLines(name: string, { answers, strict, tolerant }: JudgeSummary, width: number): string {
  const of = (read: number) => `${formatCount(read)} of ${formatCount(answers)}`;
  const { interval } = strict;
  const range =
    interval === undefined
      ? ""
      : `: accuracy as Video-LLaVA reads it ${percent(interval.low)} to ${percent(interval.high)} % (95 %, Wilson)`;
  const rows: Row[] = [
    ["read as by", "accuracy", "average score", "yes", "no", "read"],
    ["Video-LLaVA", ...totals(strict.videoLlava), of(strict.read)],
    ["Video-ChatGPT", ...totals(strict.videoChatGpt), of(strict.read)],
    [
      "lmms-eval",
      tolerant.accuracy === undefined ? "none" : `${percent(tolerant.accuracy)} %`,
      tolerant.averageScore === undefined ? "none" : roundHalfEven(tolerant.averageScore, 2),
      formatCount(tolerant.yes),
      formatCount(tolerant.read - tolerant.yes),
      of(tolerant.read),
    ],
  ];
  return `${name}${range}\n${formatTable(rows, { width, right: [1, 2, 3, 4, 5] })}`;
}

/** An official program that would end with an error says so in place of numbers. */
function totals(result: JudgeTotals | PythonError): string[] {
  if ("type" in result) return [`ends with ${result.type}`, "", "", ""];
  return [
    `${percent(result.accuracy)} %`,
    roundHalfEven(result.averageScore, 2),
    formatCount(result.yes),
    formatCount(result.no),
  ];
}

function percent(share: number): string {
  return roundHalfEven(100 * share, 2);
}
