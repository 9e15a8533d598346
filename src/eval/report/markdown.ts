import type { ReportData, ReportTask, TaskColumn } from "./report-data.js";
import { judgedHead, judgedRows, judgedTitle, judgedWords, judgesOf } from "./sections/judged.js";
import { seedHead, seedRows } from "./sections/seeds.js";
import {
  commandLine,
  formatDifference,
  formatEstimate,
  formatTokens,
  formatValue,
  intervalWords,
  pWords,
  questionWords,
} from "./words.js";

/** The report's numbers as Markdown tables. */
export function renderMarkdown(data: ReportData): string {
  const { tasks, retention, kept, comparison, judged, runs, notes } = data;
  const parts = [
    "# Evaluation",
    `${intervalWords} ${pWords(data.comparisons)}`,
    ...notes.map((note) => `> ${note}`),
    ...tasks.flatMap((task) => [
      `## ${task.title}`,
      `${task.measure}; ${questionWords(task)}${task.rules.length > 0 ? `; ${task.rules.join(", ")}` : ""}.`,
      scoreTable(task),
      detailTable(task),
    ]),
    ...(tasks.some(({ seeds }) => seeds.length > 0)
      ? [
          "## Over seeds",
          "Mean, standard deviation (of a sample), lowest and highest.",
          table([...seedHead], seedRows(tasks)),
        ]
      : []),
    ...(judged.length === 0
      ? []
      : [
          `## ${judgedTitle}`,
          judgedWords,
          judgesOf(judged).join("\n\n"),
          table(judgedHead, judgedRows(judged)),
        ]),
    ...(retention.length === 0
      ? []
      : [
          "## Kept of the unreduced model",
          table(
            ["method", "visual tokens", "percent, mean over tasks"],
            retention.map((one) => [one.column.label, formatTokens(one.visualTokens), formatEstimate(one)]),
          ),
        ]),
    ...(kept.length === 0
      ? []
      : [
          "## Visual tokens where the method chooses",
          "Complexity is bits per pixel as JPEG (quality 75) at 336 pixels; the correlation is Spearman's.",
          table(
            ["method", "pictures", "least", "mean", "most", "correlation with complexity"],
            kept.map(({ column, counts, correlation }) => [
              column.label,
              String(counts.length),
              String(Math.min(...counts)),
              (counts.reduce((sum, one) => sum + one, 0) / counts.length).toFixed(1),
              String(Math.max(...counts)),
              correlation === undefined ? "-" : correlation.toFixed(2),
            ]),
          ),
        ]),
    "## Time and memory",
    timeTable(tasks),
    ...(comparison === undefined
      ? []
      : [
          `## ${comparison.columns[1].label} against ${comparison.columns[0].label}`,
          table(
            ["task", "units", "lost", "gained"],
            comparison.tally.map(({ task, units, lost, gained }) => [task, units, lost, gained].map(String)),
          ),
        ]),
    "## Commands and versions",
    ...runs.map(({ folder, run }) => {
      const { versions, machine, model } = run;
      const commands = run.commands.map(({ words }) => commandLine(words)).join("\n");
      return `\`\`\`\n${commands}\n\`\`\`\n\n${folder}: model ${model.name} (${model.hash.slice(0, 12)}), prumerge ${versions.prumerge}, ONNX Runtime ${versions.onnxruntime}, Node ${versions.node}, ${machine.cores} cores of ${machine.processor}, ${machine.platform}.`;
    }),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function scoreTable({ columns, unit }: ReportTask): string {
  const measure = unit === "points" ? "points" : unit === "ratio" ? "score" : "%";
  return table(
    ["method", "visual tokens", measure, "% of unreduced", "less unreduced", "less random", "less uniform"],
    columns.map(({ column, visualTokens, headline, retention, differences }) => [
      column.label,
      formatTokens(visualTokens),
      formatEstimate(headline),
      formatEstimate(retention),
      formatDifference(differences.none),
      formatDifference(differences.random),
      formatDifference(differences.uniform),
    ]),
  );
}

function detailTable({ columns }: ReportTask): string {
  const known = columns.filter((one): one is TaskColumn & { detail: object } => one.detail !== undefined);
  if (known.length === 0) return "";
  const { small, other } = known[0].detail;
  return table(
    ["right, %", `on small things (${small.count})`, `the rest (${other.count})`],
    known.map(({ column, detail }) => [
      column.label,
      formatEstimate(detail.small),
      formatEstimate(detail.other),
    ]),
  );
}

function timeTable(tasks: readonly ReportTask[]): string {
  const rows = tasks.flatMap(({ title, columns }) =>
    columns.flatMap(({ column, spending }) => {
      if (spending === undefined) return [];
      const { prepare, encode, firstToken, rest, answersPerSecond, keyValueBytes, residentBytes } = spending;
      return [
        [
          title,
          column.label,
          ...[prepare, encode, firstToken, rest].map(formatValue),
          answersPerSecond.toPrecision(3),
          (keyValueBytes / 1e6).toFixed(2),
          (residentBytes / 1e6).toFixed(0),
        ],
      ];
    }),
  );
  const head = ["task", "method", "picture ms", "encode ms", "first token ms", "rest ms"];
  return table([...head, "answers/s", "keys and values MB", "process MB"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((one) => one.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
