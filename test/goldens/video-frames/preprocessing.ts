import { join } from "node:path";
import { parsePreprocessing } from "prumerge/image";
import { preprocessFrames } from "../../../src/image/frames.js";
import type { PreprocessSpec } from "../../../src/image/preprocess-spec.js";
import { floats, readFixture } from "../../support/safetensors.js";
import { type CaseResult, caseResult } from "../outcome.js";
import type { RecordedCase } from "../recorded-case.js";

type Program = "official_video" | "official_image" | "hf_video" | "hf_image";

export type PreprocessCase = RecordedCase<
  { readonly height: number; readonly width: number },
  Readonly<Record<Program, string>>
>;

const clip = parsePreprocessing({ image_processor_type: "VideoLlavaImageProcessor" });

/** Each program's way of frames, and how far off it may be: what rounds to 8 bits, two levels. */
const ways: Readonly<Record<Program, { readonly spec: PreprocessSpec; readonly tolerance: number }>> = {
  official_video: { spec: { ...clip, resample: "bilinear", resampler: "pytorchvideo" }, tolerance: 1e-5 },
  official_image: { spec: { ...clip, resampler: "torchvision-0.15" }, tolerance: 1e-5 },
  hf_video: { spec: { ...clip, resampler: "torchvision" }, tolerance: 1e-6 },
  hf_image: { spec: clip, tolerance: 1e-6 },
};

/** Rows and columns that are recorded: every so many from the first. */
const every = 7;

export function replayPreprocessing(folder: string, test: PreprocessCase): CaseResult {
  const { height, width } = test.parameters;
  const tensors = readFixture(join(folder, test.inputs.file));
  const frames = tensors.get(String(test.inputs.frames))!.data as Uint8Array;
  const length = width * height * 3;
  const pictures = Array.from({ length: frames.length / length }, (_, at) => ({
    width,
    height,
    data: frames.subarray(at * length, (at + 1) * length),
  }));
  const misses = (Object.keys(ways) as Program[]).flatMap((program) => {
    const { spec, tolerance } = ways[program];
    const { views } = preprocessFrames(pictures, spec);
    const ours = views.flatMap(({ data }) => thinned(data, spec.size));
    const recorded = floats(tensors, test.expected[program]!);
    if (ours.length !== recorded.length) return [`${program}: ${ours.length} values for ${recorded.length}`];
    const worst = ours.reduce((most, value, at) => Math.max(most, Math.abs(value - recorded[at]!)), 0);
    return worst <= tolerance ? [] : [`${program} off by ${worst}`];
  });
  return caseResult(test.name, true, misses);
}

function thinned(data: Float32Array, size: number): number[] {
  return [...data].filter(
    (_, at) => (at % size) % every === 0 && (Math.floor(at / size) % size) % every === 0,
  );
}
