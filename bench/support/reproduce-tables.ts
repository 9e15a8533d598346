import type { ReportData, ReportTask, TaskColumn } from "../../src/eval/report/report-data.js";
import { formatDifference, formatEstimate, formatTokens } from "../../src/eval/report/words.js";
import { planConfigurations } from "../../src/eval/run/configurations.js";
import { type Budget, findMethod, takesCount } from "../../src/reduce/index.js";
import { ablationTokens, equalCounts } from "./reproduce-plan.js";

type Row = readonly string[];

/** The measured tables of docs/reproduce.md by the names of their markers. */
export function measuredTables(untuned: ReportData, tuned: ReportData | undefined): Record<string, string> {
  return {
    main: mainTable(untuned),
    equal: equalTable(untuned),
    sampling: samplingTable(untuned),
    modules: modulesTable(untuned),
    tuning: tuningTable(untuned, tuned),
  };
}

function mainTable({ tasks }: ReportData): string {
  const shown = ["none", "prumerge", "prumerge+"].map((method) => configurationOf(method, { kind: "rule" }));
  const names = ["unreduced", "PruMerge, its own rule", "PruMerge+, its own rule"];
  return table(
    ["", ...names],
    [
      ["visual tokens, mean", ...shown.map((name) => meanTokens(tasks, name))],
      ...tasks.map((task) => [
        heading(task),
        ...shown.map((name) => formatEstimate(find(task, name)?.headline)),
      ]),
    ],
  );
}

function meanTokens(tasks: readonly ReportTask[], name: string): string {
  const found = tasks.flatMap((task) => find(task, name)?.visualTokens ?? []);
  return formatTokens(Math.round((10 * found.reduce((sum, one) => sum + one, 0)) / found.length) / 10);
}

function equalTable({ tasks, retention }: ReportData): string {
  const blocks = Object.entries(equalCounts).map(([method, tokens]) => {
    const names = [method, "uniform", "random"].map((one) => atCount(one, tokens));
    const ours = names[0]!;
    const kept = names.map((name) =>
      formatEstimate(retention.find((one) => one.column.configuration.name === name)),
    );
    return table(
      [
        `${tokens} visual tokens`,
        method,
        "uniform",
        "random",
        `${method} less uniform`,
        `${method} less random`,
      ],
      [
        ...tasks.map((task): Row => {
          const differences = find(task, ours)?.differences;
          return [
            heading(task),
            ...names.map((name) => formatEstimate(find(task, name)?.headline)),
            formatDifference(differences?.uniform),
            formatDifference(differences?.random),
          ];
        }),
        ["% of unreduced, mean", ...kept, "", ""],
      ],
    );
  });
  return blocks.join("\n\n");
}

function samplingTable({ tasks }: ReportData): string {
  const names = ["prumerge", "sequential", "uniform", "random"];
  return ablation(
    tasks,
    names,
    (task, tokens) => {
      const differences = find(task, atCount("prumerge", tokens))?.differences;
      return [formatDifference(differences?.uniform), formatDifference(differences?.random)];
    },
    ["prumerge less uniform", "prumerge less random"],
  );
}

function modulesTable({ tasks }: ReportData): string {
  return ablation(tasks, ["none", "selection", "prumerge"], () => [], []);
}

function ablation(
  tasks: readonly ReportTask[],
  methods: readonly string[],
  more: (task: ReportTask, tokens: number) => Row,
  moreHead: Row,
): string {
  const rows = Object.entries(ablationTokens).flatMap(([name, tokens]): Row[] => {
    const task = tasks.find((one) => one.name === name);
    if (task === undefined) return [];
    const cells = methods.map((method) => formatEstimate(find(task, atCount(method, tokens))?.headline));
    return [[heading(task), String(tokens), ...cells, ...more(task, tokens)]];
  });
  const head = methods.map((method) => (takesCount(findMethod(method)) ? method : "unreduced, 576"));
  return table(["", "visual tokens", ...head, ...moreHead], rows);
}

function tuningTable(untuned: ReportData, tuned: ReportData | undefined): string {
  const rows = Object.entries(ablationTokens).flatMap(([name, tokens]): Row[] => {
    const before = untuned.tasks.find((one) => one.name === name);
    const after = tuned?.tasks.find((one) => one.name === name);
    if (before === undefined) return [];
    const column = atCount("prumerge", tokens);
    const untouched = formatEstimate(find(before, column)?.headline);
    const taught = after && find(after, column)?.headline;
    return [[heading(before), String(tokens), untouched, taught ? formatEstimate(taught) : "not run"]];
  });
  return table(["", "visual tokens", "prumerge, as it is", "prumerge, after LoRA"], rows);
}

function find(task: ReportTask, configuration: string): TaskColumn | undefined {
  return task.columns.find(({ column }) => column.configuration.name === configuration);
}

function heading({ title, questions, unit }: ReportTask): string {
  return `${title}${unit === "points" ? ", points" : ""} (${questions})`;
}

/** The name under which a run has a method at a budget. */
function configurationOf(method: string, budget: Budget): string {
  return planConfigurations([method], [budget], 0).configurations[0]!.name;
}

function atCount(method: string, rows: number): string {
  return configurationOf(method, { kind: "exact", rows });
}

function table(head: Row, rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
