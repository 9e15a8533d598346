import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel } from "prumerge";
import { convert } from "prumerge/convert";
import { squareModel } from "../../../src/models/spec.js";
import { floats, integers, readFixture } from "../../support/safetensors.js";
import { squarePixels } from "../../support/square-pixels.js";
import { EveryPosition } from "../every-position.js";
import { checkAnswer, checkPixels, type RecordedAnswer, recipeFor, reducerFor } from "../model-check.js";
import type { CaseResult, Form } from "../outcome.js";

/** One case of the llava family as its manifest has it. */
interface LlavaCase {
  readonly name: string;
  readonly inputs: {
    readonly model: string;
    readonly image: string;
    readonly prompt: string;
    readonly image_token_id: number;
    readonly file: string;
  };
  readonly expected_file: string;
  readonly expected: {
    readonly kept_indices: readonly (readonly number[])[] | null;
    readonly merged: string | null;
    readonly projected: string;
    readonly inputs_embeds: string;
    readonly logits: string;
    readonly greedy_ids: readonly number[];
    readonly greedy_logits: string;
    readonly sequence_length: number;
  };
}

/** Replays every case of a folder of the llava family: the checkpoint converted, loaded, shown the pixels and asked. */
export async function replayLlava(folder: string, forms: readonly Form[]): Promise<Map<Form, CaseResult[]>> {
  const { cases }: { cases: readonly LlavaCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results = new Map(forms.map((form) => [form, [] as CaseResult[]]));
  for (const name of new Set(cases.map((test) => test.inputs.model))) {
    const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
    try {
      const converted = await convert(join(folder, name), join(temporary, name), {
        dtype: "fp32",
        bakedTokens: 16,
      });
      const model = await loadModel(converted.path);
      const everyPosition = new EveryPosition(converted);
      for (const test of cases.filter((one) => one.inputs.model === name)) {
        const recorded = readRecorded(folder, test, squareModel(converted.spec).vision.imageSize);
        const pixels = await checkPixels(converted, recorded);
        const recipe = recipeFor(test.name, recorded.keptPatches);
        for (const form of forms) {
          const reducer = await reducerFor(recipe, form, model, recorded.pixels);
          const { prompt } = test.inputs;
          const misses = [
            ...pixels,
            ...(await checkAnswer(model, everyPosition, reducer, { prompt }, recorded)),
          ];
          const outcome = misses.length === 0 ? "passed" : "missed";
          results.get(form)!.push({ name: test.name, outcome, detail: misses.join("; ") });
        }
      }
      await model.dispose();
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return results;
}

function readRecorded(
  folder: string,
  { inputs, expected, expected_file }: LlavaCase,
  size: number,
): RecordedAnswer {
  const given = readFixture(join(folder, inputs.file));
  const tensors = readFixture(join(folder, expected_file));
  const keptPatches = expected.kept_indices?.[0];
  return {
    file: join(folder, inputs.image),
    pixels: squarePixels(floats(given, "pixel_values"), size),
    keptPatches,
    ...(expected.merged !== null && { merged: floats(tensors, expected.merged) }),
    projected: floats(tensors, expected.projected),
    inputsEmbeds: floats(tensors, expected.inputs_embeds),
    logits: floats(tensors, expected.logits),
    greedyIds: expected.greedy_ids,
    greedyLogits: floats(tensors, expected.greedy_logits),
    sequenceLength: expected.sequence_length,
    inputIds: integers(given, "input_ids"),
    placeholder: inputs.image_token_id,
  };
}
