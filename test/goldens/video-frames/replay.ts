import { type CaseResult, guardedLater } from "../outcome.js";
import { readRecorded } from "../recorded-case.js";
import { type ClipCase, replayClip } from "./clips.js";
import { type PreprocessCase, replayPreprocessing } from "./preprocessing.js";
import { replaySampling, type SamplingCase } from "./sampling.js";

/** Replays every case of a folder of the video_frames family: which frames are taken, and what of clips is read. */
export async function replayVideoFrames(folder: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const test of readRecorded<never, never>(folder)) {
    results.push(await guardedLater(test.name, async () => replayCase(folder, test)));
  }
  return results;
}

async function replayCase(folder: string, test: { readonly name: string }): Promise<CaseResult> {
  if (test.name.startsWith("sampling-")) return replaySampling(folder, test as SamplingCase);
  if (test.name.startsWith("preprocess-")) return replayPreprocessing(folder, test as PreprocessCase);
  return replayClip(folder, test as ClipCase);
}
