import { presets } from "./geometry.js";
import { findHardware, type Precision, peakRate } from "./hardware.js";
import { type Attention, languageOperations } from "./language-operations.js";
import { llmViewerPrefill } from "./llm-viewer.js";
import { type StageCost, stageCost } from "./operation.js";

/** The columns of the paper's efficiency table (arXiv 2403.15388, Table 2). */
export interface PaperColumns {
  /** 10^12 operations; for INT4 the paper's column is operations times 4 / 16. */
  readonly teraOperations: number;
  readonly prefillMilliseconds: number;
  /** The paper's "total memory": GB moved in one prefill, not GB in use. */
  readonly trafficGigabytes: number;
  /** The paper's "storing activation": GB of activations written by all layers, not GB in use. */
  readonly writtenGigabytes: number;
}

/** A row of the paper's table, and what the same row is by our counting and by the tool that the paper names. */
export interface PaperRow {
  readonly model: "7b" | "13b";
  readonly dtype: "fp16" | "int4";
  readonly method: "LLaVA-1.5" | "PruMerge";
  readonly published: PaperColumns;
  /** LLM-Viewer's counting at the stated token count, 616 or 80. */
  readonly stated: PaperColumns;
  /** LLM-Viewer's counting at 700 or 70 tokens, which fits the published numbers. */
  readonly fitted: PaperColumns;
  /** Our counting at the stated token count. */
  readonly ours: PaperColumns;
}

const columns = (
  teraOperations: number,
  prefillMilliseconds: number,
  trafficGigabytes: number,
  writtenGigabytes: number,
): PaperColumns => ({ teraOperations, prefillMilliseconds, trafficGigabytes, writtenGigabytes });

/** Table 2 as published; V100. */
const published = [
  { model: "7b", dtype: "fp16", method: "LLaVA-1.5", published: columns(9.3, 88.6, 23.3, 4.6) },
  { model: "7b", dtype: "fp16", method: "PruMerge", published: columns(0.91, 15.3, 13.7, 0.28) },
  { model: "7b", dtype: "int4", method: "LLaVA-1.5", published: columns(2.3, 151.6, 5.9, 1.2) },
  { model: "7b", dtype: "int4", method: "PruMerge", published: columns(0.28, 14.9, 3.5, 0.07) },
  { model: "13b", dtype: "fp16", method: "LLaVA-1.5", published: columns(18.2, 170.5, 41.6, 7.3) },
  { model: "13b", dtype: "fp16", method: "PruMerge", published: columns(1.8, 29.5, 26.6, 0.44) },
  { model: "13b", dtype: "int4", method: "LLaVA-1.5", published: columns(4.6, 294.9, 10.5, 1.8) },
  { model: "13b", dtype: "int4", method: "PruMerge", published: columns(0.45, 29, 6.8, 0.11) },
] as const;

/** Tokens of a prefill: 576 or 40 visual ones and 40 of text as the paper states them, and what its numbers fit. */
export const paperTokens = {
  "LLaVA-1.5": { stated: 616, fitted: 700 },
  PruMerge: { stated: 80, fitted: 70 },
} as const;

/** The paper's efficiency table, row by row, beside the counts behind it. */
export function paperTable(attention: Attention = "fused"): readonly PaperRow[] {
  const hardware = findHardware("v100");
  return published.map((row) => {
    const bits = row.dtype === "fp16" ? 16 : 4;
    // "INT4" fits 4-bit weights, activations, keys and values, timed at the integer rate.
    const precision: Precision = { weightBits: bits, activationBits: bits, keyValueBits: bits };
    const peak = { rate: peakRate(hardware, precision), bandwidth: hardware.bandwidth };
    const { language } = presets[row.model];
    const { stated, fitted } = paperTokens[row.method];
    const theirs = (tokens: number) =>
      inColumns(stageCost(llmViewerPrefill(language, tokens, precision), peak), bits);
    const pass = { tokens: stated, past: 0, lookedUp: 40 };
    const ours = stageCost(languageOperations(language, pass, precision, attention), peak);
    return { ...row, stated: theirs(stated), fitted: theirs(fitted), ours: inColumns(ours, bits) };
  });
}

function inColumns(stage: StageCost, bits: number): PaperColumns {
  return columns(
    (stage.operations * bits) / 16 / 1e12,
    stage.seconds * 1e3,
    stage.traffic / 1e9,
    stage.activationWrittenBytes / 1e9,
  );
}
