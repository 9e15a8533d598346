import { formatDifference, formatEstimate, formatTokens } from "../../src/eval/report/words.js";
import { type Answered, type Choice, meanLess, meanRight, meanShare, rightOfChosen } from "./quality-runs.js";
import type { Subset } from "./quality-subsets.js";
import type { Talk } from "./quality-talk.js";

type Row = readonly string[];

/** The tables of docs/quality.md by the names of their markers. */
export function qualityTables(
  all: readonly Answered[],
  kinds: readonly Subset[],
  rivalOf: string,
): Record<string, string> {
  const unreduced = all.find(({ column }) => column.configuration.budget.kind === "all")!;
  const sorted = [...all].sort((a, b) => meanRight(b) - meanRight(a));
  return {
    main: main(sorted, unreduced),
    kinds: byKind(sorted, unreduced, kinds),
    rivals: rivals(sorted, rivalOf),
  };
}

function main(all: readonly Answered[], unreduced: Answered): string {
  const tasks = unreduced.tasks.map(({ task }) => task);
  const rows = groups(all).flatMap((group) =>
    group.map(
      (one): Row => [
        ...heading(one),
        ...tasks.map((task) => one.tasks.find((found) => found.task === task)!.headline.value.toFixed(1)),
        meanRight(one).toFixed(1),
        one === unreduced ? "100" : formatEstimate(meanShare(one, unreduced)),
      ],
    ),
  );
  return table(["tokens", "method", "positions", ...tasks, "mean right, %", "of unreduced, %"], rows);
}

function byKind(all: readonly Answered[], unreduced: Answered, kinds: readonly Subset[]): string {
  const counts = kinds.map(
    ({ name, holds }) => `${name} (${rightOfChosen(unreduced, unreduced, holds).units})`,
  );
  const rows = groups(all).flatMap((group) =>
    group.map((one): Row => {
      const cells = kinds.map(({ holds }) => cell(one, unreduced, holds));
      return [...heading(one), ...cells, cell(one, unreduced, missedBySmaller(group)), yesRatio(one)];
    }),
  );
  const last = ["a smaller picture misses", "POPE: says yes, %"];
  return table(["tokens", "method", "positions", ...counts, ...last], rows);
}

function cell(one: Answered, unreduced: Answered, choice: Choice | undefined): string {
  if (choice === undefined) return "-";
  const { value, less } = rightOfChosen(one, unreduced, choice);
  return one === unreduced ? value.toFixed(1) : `${value.toFixed(1)}, ${formatDifference(less)}`;
}

/** What a picture scaled down to the same count gets wrong at both positions: questions that need detail. */
function missedBySmaller(group: readonly Answered[]): Choice | undefined {
  const smaller = group.filter(({ column }) => column.configuration.method === "smaller-picture");
  if (smaller.length === 0) return undefined;
  const missed = new Set<string>();
  for (const { task, verdicts } of smaller[0]!.tasks) {
    for (const [at, verdict] of verdicts.entries()) {
      const all = smaller.map(({ tasks }) => tasks.find((one) => one.task === task)!.verdicts[at]!);
      if (all.every(({ credit }) => credit < 0.5)) missed.add(`${task}/${verdict.questions[0]}`);
    }
  }
  return missed.size === 0 ? undefined : (task, { questions }) => missed.has(`${task}/${questions[0]}`);
}

/** Every method less one of them, at the same count and positions. */
function rivals(all: readonly Answered[], name: string): string {
  const rows = groups(all).flatMap((group) =>
    group.flatMap((one): Row[] => {
      const { method, asked, positions } = one.column.configuration;
      if (method === name && asked === undefined) return [];
      const other = group.find(
        ({ column: { configuration } }) =>
          configuration.method === name &&
          configuration.asked === undefined &&
          configuration.positions === positions,
      );
      return other === undefined ? [] : [[...heading(one), formatDifference(meanLess(one, other))]];
    }),
  );
  return table(["tokens", "method", "positions", `mean right less ${name}'s, points`], rows);
}

/** Columns of equal budgets together, larger counts first; in each, as they came. */
function groups(all: readonly Answered[]): readonly (readonly Answered[])[] {
  const found = new Map<string, Answered[]>();
  for (const one of all) {
    const { budget } = one.column.configuration;
    const key = JSON.stringify(budget);
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  // The unreduced model, exact counts, what methods choose by themselves.
  const place = ([one]: readonly Answered[]) =>
    ["all", "exact", "share"].indexOf(one!.column.configuration.budget.kind) + 1 || 9;
  return [...found.values()].sort((a, b) => place(a) - place(b) || b[0]!.tokens - a[0]!.tokens);
}

function heading({ tokens, column: { configuration } }: Answered): Row {
  const { method, asked = {}, positions = "contiguous", budget } = configuration;
  const words = Object.entries(asked).map(([name, value]) => `${name}: ${value}`);
  const name = [method, ...words].join(", ");
  const count = formatTokens(Math.round(10 * tokens) / 10);
  if (budget.kind === "all") return [count, "unreduced", ""];
  return [budget.kind === "rule" || budget.kind === "cap" ? `${count}, adaptive` : count, name, positions];
}

function yesRatio({ tasks }: Answered): string {
  const pope = tasks.find(({ task }) => task === "pope");
  const ratio = pope?.scores.find(({ name }) => name === "overall/yes-ratio" || name === "yes-ratio");
  return ratio === undefined ? "-" : ratio.value.toFixed(1);
}

/** Long answers and conversations. */
export function talkTable(talks: readonly Talk[]): string {
  const head = [
    "tokens",
    "method",
    "positions",
    "description like unreduced, %",
    "turn 1, %",
    "turn 2, %",
    "turn 3, %",
  ];
  return table(
    head,
    talks.map(({ name, positions, tokens, description, turns }) => [
      formatTokens(tokens),
      name,
      name === "unreduced" ? "" : positions,
      description.toFixed(1),
      ...turns.map((right) => right.toFixed(1)),
    ]),
  );
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
