import { meanOverSeeds } from "./over-seeds.js";
import type { ReportData, ReportTask, SeedSpread, TaskColumn } from "./report-data.js";

/** One line of the table. */
interface Line {
  readonly label: string;
  readonly key: string;
  readonly tokens: number;
  /** By task; undefined where the column has none. */
  readonly cells: readonly (Cell | undefined)[];
  readonly average: Cell | undefined;
}

interface Cell {
  readonly value: number;
  readonly deviation?: number | undefined;
}

/**
 * A table for papers (package booktabs): a line for each method and count, a column for each task and one for the mean share of the
 * unreduced model, lines of one count together with the best of each in bold. Methods with several seeds have mean and standard
 * deviation. What the numbers are stands in comments.
 */
export function renderLatex(data: ReportData): string {
  const lines = linesOf(data);
  const blocks = [...new Set(lines.map(({ tokens }) => Math.round(tokens)))].sort((a, b) => b - a);
  const hasAverage = lines.some(({ average }) => average !== undefined);
  const head = [
    "Method",
    "Tokens",
    ...data.tasks.map(({ title }) => title),
    ...(hasAverage ? ["Avg.\\ (\\%)"] : []),
  ];
  const bodies = blocks.map((count) => {
    const block = lines.filter(({ tokens }) => Math.round(tokens) === count);
    return block.map((line) => row(line, block, hasAverage)).join("\n");
  });
  return [
    ...comments(data).map((line) => `% ${line.replaceAll(/\s+/g, " ")}`),
    `\\begin{tabular}{lr${"c".repeat(head.length - 2)}}`,
    "\\toprule",
    `${head.map((cell) => (cell.startsWith("Avg") ? cell : escapeLatex(cell))).join(" & ")} \\\\`,
    "\\midrule",
    bodies.join("\n\\midrule\n"),
    "\\bottomrule",
    "\\end{tabular}",
    "",
  ].join("\n");
}

function comments({ tasks, runs, notes, comparisons }: ReportData): string[] {
  const [first] = runs;
  return [
    "Needs \\usepackage{booktabs}. Scores are in percent but for MME's points.",
    ...tasks.map(({ title, measure, questions, available, rules }) =>
      [`${title}: ${measure}; ${questions} of ${available} questions`, ...rules].join("; "),
    ),
    "Avg.: mean over the tasks of each score over the unreduced model's on the same questions.",
    "Bold: highest of its count; whether a difference is one is in the report's p-values " +
      `(two-sided, corrected by Holm's method for ${comparisons} differences), not in the bold.`,
    "With \\pm: mean and standard deviation over seeds.",
    ...notes,
    ...(first === undefined
      ? []
      : [
          `Model ${first.run.model.name}, sha256 ${first.run.model.hash}, prumerge ${first.run.versions.prumerge}`,
        ]),
  ];
}

function linesOf({ tasks, retention }: ReportData): readonly Line[] {
  const merged = tasks.map(({ columns }) => meanOverSeeds(columns));
  const order = [...new Map(merged.flat().map((one) => [keyOf(one), one])).values()];
  return order.map((one): Line => {
    const key = keyOf(one);
    const cells = tasks.map((task, at) => {
      const mine = merged[at]!.find((other) => keyOf(other) === key);
      const spread = spreadOf(task, one);
      if (mine === undefined) return undefined;
      return { value: mine.headline.value, deviation: spread?.headline.deviation };
    });
    const kept = retention.filter(({ column }) => (column.seedless?.key ?? column.key) === key);
    const mean = kept.reduce((sum, { value }) => sum + value, 0) / kept.length;
    return {
      label: one.column.seedless?.label ?? one.column.label,
      key,
      tokens: one.visualTokens,
      cells,
      average: kept.length === 0 || !Number.isFinite(mean) ? undefined : { value: mean },
    };
  });
}

const keyOf = ({ column }: TaskColumn) => column.seedless?.key ?? column.key;

function spreadOf({ seeds }: ReportTask, { column }: TaskColumn): SeedSpread | undefined {
  return seeds.find(({ columns }) => columns.some(({ key }) => key === column.key));
}

function row({ label, tokens, cells, average }: Line, block: readonly Line[], hasAverage: boolean): string {
  const best = (of: (line: Line) => Cell | undefined, cell: Cell | undefined) =>
    block.length > 1 &&
    cell !== undefined &&
    block.every((line) => Number(format(of(line)?.value)) <= Number(format(cell.value)));
  const written = cells.map((cell, at) =>
    cellText(
      cell,
      best((line) => line.cells[at], cell),
    ),
  );
  const count = Number.isInteger(tokens) ? String(tokens) : tokens.toFixed(1);
  const last = hasAverage
    ? [
        cellText(
          average,
          best((line) => line.average, average),
        ),
      ]
    : [];
  return `${[escapeLatex(label), count, ...written, ...last].join(" & ")} \\\\`;
}

/** Columns without a value lose to all. */
function format(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "-1" : value.toFixed(1);
}

function cellText(cell: Cell | undefined, isBest: boolean): string {
  if (cell === undefined || !Number.isFinite(cell.value)) return "--";
  const value = cell.value.toFixed(1);
  const main = isBest ? `\\textbf{${value}}` : value;
  return cell.deviation === undefined ? main : `${main} $\\pm$ ${cell.deviation.toFixed(1)}`;
}

const special: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

function escapeLatex(text: string): string {
  return text.replaceAll(/[\\~^&%$#_{}]/g, (character) => special[character] ?? `\\${character}`);
}
