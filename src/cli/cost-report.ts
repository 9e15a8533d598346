import {
  type Attention,
  type CostEstimate,
  type CostRequest,
  estimateCost,
  findHardware,
  firstTokenFigure,
  type Hardware,
  hardwareTable,
  keyValueFigure,
  type PaperColumns,
  paperTable,
  paperTokens,
  patchCount,
  presets,
} from "../cost/index.js";
import { PrumergeError } from "../errors.js";
import { formatBytes, formatMilliseconds } from "./format.js";
import { formatTable, type Row } from "./table.js";

/** What `prumerge cost` was asked. */
export interface CostFlags {
  readonly model: string;
  readonly hardware?: string;
  readonly bandwidth?: number;
  readonly operations?: number;
  readonly dtype: CostDtype;
  readonly activations: CostDtype;
  readonly keyValues: CostDtype;
  readonly visualTokens?: readonly number[];
  readonly textTokens: number;
  readonly answerTokens: number;
  readonly attention: "fused" | "unfused";
  readonly plot?: string;
  readonly paper?: boolean;
  readonly listHardware?: boolean;
  readonly json?: boolean;
}

/** Names of number formats, as the command takes them. */
export type CostDtype = "fp16" | "int8" | "int4";

/** A report as JSON and, for a line width, as text. */
export type Report = readonly [json: unknown, text: (width: number) => string];

/** What is to be compared, and what to call it. */
export interface CostQuestion {
  readonly request: Omit<CostRequest, "visualTokens">;
  readonly visualTokens: readonly number[];
  readonly title: string;
}

const bits: Readonly<Record<CostDtype, 4 | 8 | 16>> = { fp16: 16, int8: 8, int4: 4 };

/** Turns the command's words into a question; reads a model's geometry, no weights. */
export async function costRequest(flags: CostFlags, signal: AbortSignal): Promise<CostQuestion> {
  const model = await geometry(flags.model, signal);
  const hardware = chooseHardware(flags);
  const patches = patchCount(model.vision);
  const fewer = [288, 144, 64, 32].filter((count) => count < patches);
  const names = { "7b": "LLaVA-1.5 7B", "13b": "LLaVA-1.5 13B" } as const;
  const name = names[flags.model as keyof typeof names] ?? flags.model;
  const { dtype, activations, keyValues, textTokens, answerTokens } = flags;
  const precision =
    dtype === activations && dtype === keyValues
      ? dtype
      : `weights ${dtype}, activations ${activations}, keys and values ${keyValues}`;
  return {
    request: {
      model,
      hardware,
      precision: {
        weightBits: bits[dtype],
        activationBits: bits[activations],
        keyValueBits: bits[keyValues],
      },
      textTokens,
      answerTokens,
      attention: flags.attention,
    },
    visualTokens: flags.visualTokens ?? [patches, ...fewer],
    title: `${name} (${precision}) on ${hardware.title}`,
  };
}

async function geometry(model: string, signal: AbortSignal): Promise<CostRequest["model"]> {
  if (model === "7b" || model === "13b") return presets[model];
  const { readGeometry } = await import("./model-geometry.js");
  return readGeometry(model, signal);
}

function chooseHardware({ hardware, bandwidth, operations }: CostFlags): Hardware {
  if (bandwidth === undefined && operations === undefined) return findHardware(hardware ?? "a100");
  if (bandwidth === undefined || operations === undefined || hardware !== undefined) {
    throw new PrumergeError(
      "INVALID_OPTION",
      "an own machine is told by both its numbers and by nothing else",
      {
        expected: "--bandwidth and --operations, or --hardware",
      },
    );
  }
  return {
    name: "own",
    title: `a machine with ${bandwidth} GB/s and ${operations} T/s`,
    bandwidth: bandwidth * 1e9,
    fp16: operations * 1e12,
    source: "as given",
  };
}

/** Estimates side by side, one column per token count. */
export function costReport({ request, visualTokens, title }: CostQuestion): Report {
  const estimates = visualTokens.map((count) => estimateCost({ ...request, visualTokens: count }));
  const { hardware, precision, textTokens, answerTokens, attention, model } = request;
  const json = { model, hardware, precision, textTokens, answerTokens, attention, estimates };
  return [json, (width) => `${heading(title, request)}\n${comparison(estimates, width)}`];
}

function heading(title: string, { textTokens, answerTokens }: CostQuestion["request"]): string {
  return (
    `${title}\nOne picture, ${textTokens} tokens of text, ${answerTokens} of answer.\n` +
    "Times are lower bounds, c by compute and m by memory; sources of the peaks:\n" +
    "prumerge cost --list-hardware\n"
  );
}

function comparison(estimates: readonly CostEstimate[], width: number): string {
  const row = (name: string, of: (one: CostEstimate) => string): Row => [name, ...estimates.map(of)];
  const time = (stage: { seconds: number; bound: string } | undefined) =>
    stage === undefined ? "-" : `${formatMilliseconds(1000 * stage.seconds)} ${stage.bound[0]}`;
  const first = estimates[0]!;
  const rows = [
    row("visual tokens", ({ visualTokens }) => String(visualTokens)),
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
  return formatTable(rows, { width, right: estimates.map((_, index) => index + 1) });
}

const tera = (operations: number) => (operations / 1e12).toPrecision(3);

function operationsToFirst({ tower, reduction, projector, prefill }: CostEstimate): number {
  return tower.operations + (reduction?.operations ?? 0) + projector.operations + prefill.operations;
}

/** Time to the first token and cache over all counts, as one SVG file. */
export async function costPlot({ request, visualTokens, title }: CostQuestion): Promise<string> {
  const { plotFile, plotSvg, seriesColour } = await import("../view/plot-svg.js");
  const colours = {
    stages: [seriesColour(7), seriesColour(0), seriesColour(3), seriesColour(1)],
    ink: "var(--ink)",
  } as const;
  return plotFile(title, [
    await plotSvg(
      (plot) => firstTokenFigure(plot, request, visualTokens, colours),
      "Least time to the first token over visual tokens, by stage",
    ),
    await plotSvg(
      (plot) => keyValueFigure(plot, request, visualTokens, colours),
      "Keys and values of the visual tokens over their count",
    ),
  ]);
}

/** The machines and the sources of their peaks. */
export function hardwareReport(): Report {
  const peakOf = (value: number | undefined, unit: number) =>
    value === undefined ? "-" : String(Number((value / unit).toPrecision(4)));
  const rows = hardwareTable.map(
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
  return [
    hardwareTable,
    (width) => formatTable([header, ...rows], { width: Math.max(width, 100), right: [2, 3, 4, 5, 6] }),
  ];
}

/** The paper's efficiency table beside three counts of the same. */
export function paperReport(attention: Attention): Report {
  const table = paperTable(attention);
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
  const format = (width: number) =>
    `${formatTable([header, ...rows], { width: Math.max(width, 78), right: [2, 3, 4, 5] })}\n` +
    "V100. The paper calls the last two columns total memory and storing activation: they are bytes moved and bytes\n" +
    "written in one prefill, not bytes in use. INT4 is 4-bit weights and activations; its FLOPs are times 4 / 16.\n";
  return [table, format];
}
