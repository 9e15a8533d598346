import { join } from "node:path";
import { PrumergeError } from "../../../src/errors.js";
import { type SamplingRule, sampleFrames } from "../../../src/video/sampling.js";
import { integers, readFixture } from "../../support/safetensors.js";
import { type CaseResult, caseResult } from "../outcome.js";
import type { RecordedCase } from "../recorded-case.js";

/** The recorded programs' rules under our names. */
const rules: Readonly<Record<string, SamplingRule>> = {
  languagebind_linspace: "linspace",
  hf_doc_arange: "arange",
  hf_processor: "floor",
  pytorchvideo_subsample: "linspace-float32",
  lmms_eval_unique: "linspace-distinct",
  video_chatgpt_segments: "segments",
};

export type SamplingCase = RecordedCase<{ readonly frames: number }, { readonly indices: string }>;

/** The frames of every recorded length; a row of nothing but -1 is a program that raises. */
export function replaySampling(folder: string, test: SamplingCase): CaseResult {
  const name = test.expected.indices!;
  const rule = rules[name.slice(0, name.lastIndexOf("."))];
  if (rule === undefined) return { name: test.name, outcome: "not covered", detail: `no rule for ${name}` };
  const count = test.parameters.frames;
  const tables = readFixture(join(folder, test.expected_file));
  const lengths = integers(tables, String(test.inputs.lengths));
  const table = integers(tables, name);
  const width = table.length / lengths.length;
  const misses: string[] = [];
  lengths.forEach((total, row) => {
    const recorded = [...table.subarray(row * width, (row + 1) * width)].filter((index) => index >= 0);
    const ours = framesOf(rule, count, total);
    if (ours.join() !== recorded.join() && misses.length < 3)
      misses.push(`${total} frames: ${ours.join(" ")} for ${recorded.join(" ")}`);
  });
  return caseResult(test.name, true, misses);
}

/** None where the rule refuses. */
function framesOf(rule: SamplingRule, count: number, total: number): readonly number[] {
  try {
    return sampleFrames(rule, count, total);
  } catch (error) {
    if (PrumergeError.isInstance(error) && error.code === "INVALID_OPTION") return [];
    throw error;
  }
}
