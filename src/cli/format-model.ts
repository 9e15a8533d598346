import { runFamily } from "../families/run-registry.js";
import { smallestSide, takesSquares } from "../models/spec.js";
import { formatBytes, formatCount, formatDuration } from "./format.js";
import type { CheckpointReport, ModelReport, RemoteReport } from "./model-report.js";
import { formatTable, type Row } from "./table.js";

/** A model's report for people. */
export function formatModel(report: ModelReport | RemoteReport | CheckpointReport, width: number): string {
  if (report.kind === "model") return formatLoadable(report, width);
  return report.kind === "remote" ? formatRemote(report, width) : formatCheckpoint(report, width);
}

function formatLoadable(report: ModelReport, width: number): string {
  const { dtypes, files } = report;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rows: Row[] = [
    ["model", report.model],
    ["folder", report.folder],
    ...(report.source === null ? [] : [["converted from", report.source]]),
    ...(report.form === "converted"
      ? []
      : [["form", `transformers.js: its vision graph ${encoder(report)}`]]),
    ...(report.views === 1
      ? []
      : [["pictures", `the whole and up to ${report.views - 1} tiles, each a square of the tower's`]]),
    ...geometryRows(report),
    ...(dtypes === null
      ? []
      : [
          [
            "precision",
            Object.entries(dtypes)
              .map(([part, dtype]) => `${part} ${dtype}`)
              .join(", "),
          ],
        ]),
    [
      "methods",
      Object.entries(report.methods)
        .map(([name, how]) => `${name} (${how})`)
        .join(", "),
    ],
    ["files", `${files.length}, ${formatBytes(bytes)}`],
  ];
  const sizes = formatTable(
    files.map(({ path, bytes: size }): Row => [path, formatBytes(size)]),
    { width, right: [1] },
  );
  return `${formatTable(rows, { width })}\n${sizes}`;
}

function formatRemote(report: RemoteReport, width: number): string {
  const rows: Row[] = [
    ["model", `${report.model}, on the hub, to be downloaded when it is first used`],
    ["download", formatBytes(report.downloadBytes)],
    ...(report.form === "converted" ? [] : [["form", "transformers.js"]]),
    ...geometryRows(report),
  ];
  return formatTable(rows, { width });
}

function geometryRows(report: ModelReport | RemoteReport): Row[] {
  const { spec, patches, gridSide, sites, context, keyValueBytesPerToken: perToken } = report;
  const { vision, language } = spec;
  const names = {
    clip: "CLIP", siglip: "SigLIP", "qwen2-vl": "Qwen2-VL's", "qwen2.5-vl": "Qwen2.5-VL's", "qwen3-vl": "Qwen3-VL's",
    llama: "Llama", mistral: "Mistral", qwen2: "Qwen2", qwen3: "Qwen3",
  }; // biome-ignore format: a table
  const blocks =
    sites !== null && patches !== null && sites < patches
      ? `, ${sites} visual tokens of ${patches / sites} each`
      : "";
  return [
    [
      "vision tower",
      `${names[vision.kind]}, ${vision.layers} layers of width ${vision.hiddenSize}, ` +
        (takesSquares(vision)
          ? `${vision.imageSize} x ${vision.imageSize} pixels, ${gridSide} x ${gridSide} = ${patches} patches${blocks}`
          : `pictures of any size, a token for each ${smallestSide(vision)} x ${smallestSide(vision)} pixels`),
    ],
    [
      "language model",
      `${names[language.kind]}, ${language.layers} layers of width ${language.hiddenSize}, ${language.heads} heads ` +
        `(${language.keyValueHeads} for keys and values), vocabulary ${language.vocabularySize}`,
    ],
    ["context", `${formatCount(context)} tokens`],
    [
      "key/value cache",
      `${formatCount(perToken)} bytes per token` +
        (sites === null
          ? ""
          : `, ${formatBytes(sites * perToken)} for ${runFamily(spec).tiles ? "each unreduced view of a picture" : "an unreduced picture"}`),
    ],
  ];
}

function encoder({ bakedTokens }: ModelReport): string {
  return bakedTokens === null
    ? "only encodes, and shows no layer of the tower, which the methods marked no read"
    : `always gives ${bakedTokens} visual tokens`;
}

function formatCheckpoint(report: CheckpointReport, width: number): string {
  const rows: Row[] = [
    ["model", `${report.model}, a checkpoint that has to be converted once`],
    ["weights", formatBytes(report.inputBytes)],
    ...(report.downloadBytes > 0 ? [["download", formatBytes(report.downloadBytes)]] : []),
    [
      `as ${report.dtype}`,
      `about ${formatBytes(report.outputBytes)}, ${formatDuration(report.seconds)} to convert`,
    ],
  ];
  return `${formatTable(rows, { width })}\nConvert it with:\n  ${report.command}\n`;
}
