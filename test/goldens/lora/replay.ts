import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import { squareModel } from "../../../src/models/spec.js";
import { type FixtureTensor, floats, integers, readFixture } from "../../support/safetensors.js";
import { squarePixels } from "../../support/square-pixels.js";
import { EveryPosition } from "../every-position.js";
import {
  apart,
  checkAnswer,
  checkPixels,
  type RecordedAnswer,
  recipeFor,
  reducerFor,
} from "../model-check.js";
import type { CaseResult, Form } from "../outcome.js";
import { readLinearWeights } from "./stored-weights.js";

/** One case of the lora family as its manifest has it. */
interface LoraCase {
  readonly name: string;
  readonly inputs: {
    readonly base: string;
    readonly vision_tower: string;
    readonly lora: string;
    readonly image: string;
    readonly question: string;
    readonly file: string;
  };
  readonly expected_file: string;
  readonly expected: {
    readonly kept_indices: readonly (readonly number[])[] | null;
    readonly projected: string;
    readonly logits: string;
    readonly greedy_ids: readonly number[];
    readonly greedy_logits: string;
    readonly sequence_length: number;
  };
}

/** Marks the picture in the recorded ids. */
const placeholder = -200;
/** Absolute, of merged weights. */
const weightTolerance = 1e-6;

/** Replays every case of a folder of the lora family: adapter and base merged and converted, then asked. */
export async function replayLora(folder: string, forms: readonly Form[]): Promise<Map<Form, CaseResult[]>> {
  const { cases }: { cases: readonly LoraCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results = new Map(forms.map((form) => [form, [] as CaseResult[]]));
  for (const lora of new Set(cases.map((test) => test.inputs.lora))) {
    const own = cases.filter((test) => test.inputs.lora === lora);
    const { base, vision_tower: visionTower } = own[0]!.inputs;
    const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
    try {
      const converted = await convert(join(folder, base), join(temporary, "model"), {
        dtype: "fp32",
        lora: join(folder, lora),
        visionTower: join(folder, visionTower),
      });
      for (const [form, found] of await replayModel(folder, converted, own, forms))
        results.get(form)!.push(...found);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return results;
}

async function replayModel(
  folder: string,
  converted: ModelFolder,
  cases: readonly LoraCase[],
  forms: readonly Form[],
): Promise<Map<Form, CaseResult[]>> {
  const results = new Map(forms.map((form) => [form, [] as CaseResult[]]));
  const model = await loadModel(converted.path);
  const everyPosition = new EveryPosition(converted);
  const weights = await checkWeights(converted, readFixture(join(folder, cases[0]!.expected_file)));
  for (const test of cases) {
    const recorded = readRecorded(folder, test, squareModel(converted.spec).vision.imageSize);
    const pixels = await checkPixels(converted, recorded);
    const recipe = recipeFor(test.name, recorded.keptPatches);
    for (const form of forms) {
      const { question } = test.inputs;
      const answer = await checkAnswer(
        model,
        everyPosition,
        await reducerFor(recipe, form, model, recorded.pixels),
        question,
        recorded,
      );
      const misses = [...weights, ...pixels, ...answer];
      const outcome = misses.length === 0 ? "passed" : "missed";
      results.get(form)!.push({ name: test.name, outcome, detail: misses.join("; ") });
    }
  }
  await model.dispose();
  return results;
}

/** The merged weights that the official run recorded against those that lie in the converted folder. */
async function checkWeights(
  converted: ModelFolder,
  recorded: ReadonlyMap<string, FixtureTensor>,
): Promise<string[]> {
  const stored = await readLinearWeights(converted.graphs.decoder);
  const merged = [...recorded.keys()].filter((name) => name.startsWith("merged."));
  if (merged.length === 0) return ["no recorded weights"];
  return merged.flatMap((name) => {
    const ours = stored.get(name.replace(/^merged\.model\./, "language_model.model."));
    return ours === undefined ? [`no ${name}`] : apart(name, ours, floats(recorded, name), weightTolerance);
  });
}

function readRecorded(
  folder: string,
  { inputs, expected, expected_file }: LoraCase,
  size: number,
): RecordedAnswer {
  const given = readFixture(join(folder, inputs.file));
  const tensors = readFixture(join(folder, expected_file));
  return {
    file: join(folder, inputs.image),
    pixels: squarePixels(floats(given, "pixel_values"), size),
    keptPatches: expected.kept_indices?.[0],
    projected: floats(tensors, expected.projected),
    logits: floats(tensors, expected.logits),
    greedyIds: expected.greedy_ids,
    greedyLogits: floats(tensors, expected.greedy_logits),
    sequenceLength: expected.sequence_length,
    inputIds: integers(given, "input_ids"),
    placeholder,
  };
}
