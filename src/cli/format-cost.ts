import {
  type CostComparison,
  type CostEstimate,
  type Hardware,
  type PaperColumns,
  type PaperRow,
  paperTokens,
} from "../cost/index.js";
import { formatBytes, formatMilliseconds } from "./format.js";
import { formatTable, type Row } from "./table.js";

/** Estimates side by side, one column per token count. */
export function formatCosts(title: string, compared: CostComparison, width: number): string {
  const { textTokens, answerTokens, estimates, picture } = compared;
  const heading =
    `${title}\nOne picture, ${textTokens} tokens of text, ${answerTokens} of answer.\n` +
    "Times are lower bounds, c by compute and m by memory; sources of the peaks:\n" +
    "prumerge cost --list-hardware\n";
  const row = (name: string, of: (one: CostEstimate) => string): Row => [name, ...estimates.map(of)];
  const time = (stage: { seconds: number; bound: string } | undefined) =>
    stage === undefined ? "-" : `${formatMilliseconds(1000 * stage.seconds)} ${stage.bound[0]}`;
  const first = estimates[0]!;
  const rows = [
    row("visual tokens", ({ visualTokens }) => String(visualTokens)),
    ...(picture === undefined || picture.views.length === 1
      ? []
      : [row("views encoded", ({ encodedViews }) => `${encodedViews} of ${picture.views.length}  `)]),
    row("first token", ({ firstTokenSeconds }) => `${formatMilliseconds(1000 * firstTokenSeconds)}  `),
    row("- vision tower", ({ tower }) => time(tower)),
    row("- reduction", ({ reduction }) => time(reduction)),
    row("- projector", ({ projector }) => time(projector)),
    row("- prefill", ({ prefill }) => time(prefill)),
    row("each further token", ({ decode }) => time(decode)),
    row("whole answer", ({ answerSeconds }) => `${formatMilliseconds(1000 * answerSeconds)}  `),
    row("first token, gain", (one) => `${(first.firstTokenSeconds / one.firstTokenSeconds).toFixed(2)} x`),
    row("whole answer, gain", (one) => `${(first.answerSeconds / one.answerSeconds).toFixed(2)} x`),
    row("operations, prefill", ({ prefill }) => `${tera(prefill.operations)} T`),
    row("- all to first token", (one) => `${tera(operationsToFirst(one))} T`),
    row("traffic, prefill", ({ prefill }) => formatBytes(prefill.traffic)),
    row("keys and values", ({ memory }) => formatBytes(memory.keyValueBytes)),
    row("- of visual tokens", ({ memory }) => formatBytes(memory.visualKeyValueBytes)),
    row("weights", ({ memory }) => formatBytes(memory.weightBytes)),
    row("resident memory", ({ memory }) => formatBytes(memory.residentBytes)),
  ];
  return `${heading}\n${formatTable(rows, { width, right: estimates.map((_, index) => index + 1) })}`;
}

const tera = (operations: number) => (operations / 1e12).toPrecision(3);

function operationsToFirst({ tower, reduction, projector, prefill }: CostEstimate): number {
  return tower.operations + (reduction?.operations ?? 0) + projector.operations + prefill.operations;
}

/** The machines and the sources of their peaks. */
export function formatHardware(table: readonly Hardware[], width: number): string {
  const peakOf = (value: number | undefined, unit: number) =>
    value === undefined ? "-" : String(Number((value / unit).toPrecision(4)));
  const rows = table.map(
    ({ name, title, bandwidth, fp16, int8, int4, memory, source }): Row => [
      name,
      `${title}. ${source}`,
      peakOf(bandwidth, 1e9),
      peakOf(fp16, 1e12),
      peakOf(int8, 1e12),
      peakOf(int4, 1e12),
      peakOf(memory, 1e9),
    ],
  );
  const header: Row = ["name", "machine and source", "GB/s", "fp16 T/s", "int8 T/s", "int4 T/s", "GB"];
  return formatTable([header, ...rows], { width: Math.max(width, 100), right: [2, 3, 4, 5, 6] });
}

/** The paper's efficiency table beside three counts of the same. */
export function formatPaperTable(table: readonly PaperRow[], width: number): string {
  const digits = (value: number) => Number(value.toPrecision(3)).toString();
  const cells = ({ teraOperations, prefillMilliseconds, trafficGigabytes, writtenGigabytes }: PaperColumns) =>
    [teraOperations, prefillMilliseconds, trafficGigabytes, writtenGigabytes].map(digits);
  const rows = table.flatMap(({ model, dtype, method, published, stated, fitted, ours }): Row[] => {
    const tokens = paperTokens[method];
    return [
      [`${model} ${dtype} ${method}`, "published", ...cells(published)],
      ["", `LLM-Viewer, ${tokens.stated}`, ...cells(stated)],
      ["", `LLM-Viewer, ${tokens.fitted}`, ...cells(fitted)],
      ["", `ours, ${tokens.stated}`, ...cells(ours)],
    ];
  });
  const header: Row = ["", "count, tokens", "FLOPs T", "prefill ms", "moved GB", "written GB"];
  return (
    `${formatTable([header, ...rows], { width: Math.max(width, 78), right: [2, 3, 4, 5] })}\n` +
    "V100. The paper calls the last two columns total memory and storing activation: they are bytes moved and bytes\n" +
    "written in one prefill, not bytes in use. INT4 is 4-bit weights and activations; its FLOPs are times 4 / 16.\n"
  );
}
