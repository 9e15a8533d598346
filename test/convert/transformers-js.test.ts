import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import {
  AutoProcessor,
  env,
  LlavaForConditionalGeneration,
  RawImage,
  type Tensor,
} from "@huggingface/transformers";
import { loadModel, pruMergePlus } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledCheckpoint, bundledFolder, bundledSamples } from "../support/bundled.js";

const maxNewTokens = 32;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-tjs-"));
  env.allowRemoteModels = false;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A folder loaded by transformers.js with no options but where local models lie. */
async function load(path: string) {
  env.localModelPath = `${dirname(path)}/`;
  const name = basename(path);
  const processor = await AutoProcessor.from_pretrained(name);
  const model = await LlavaForConditionalGeneration.from_pretrained(name);
  const prompt = (question: string) =>
    processor.apply_chat_template(
      [{ role: "user", content: [{ type: "image" }, { type: "text", text: question }] } as never],
      { add_generation_prompt: true },
    ) as unknown as string;
  const ask = async (paths: readonly string[], questions: readonly string[]): Promise<string[]> => {
    const images = await Promise.all(paths.map((at) => RawImage.read(at)));
    const single = images.length === 1;
    const inputs = await processor(
      single ? images[0] : images,
      single ? prompt(questions[0]!) : questions.map(prompt),
    );
    const ids = (await model.generate({
      ...inputs,
      max_new_tokens: maxNewTokens,
      do_sample: false,
    })) as Tensor;
    const answers = ids.slice(null, [inputs.input_ids.dims.at(-1), null]);
    return processor.batch_decode(answers, { skip_special_tokens: true }).map((text: string) => text.trim());
  };
  return { ask, dispose: () => model.dispose() };
}

/**
 * Our own answers to every sample question at exactly 64 visual tokens, each prompt run whole, as transformers.js runs it:
 * an earlier prompt's cache moves logits a little, which decides near ties otherwise.
 */
async function ownAnswers(path: string): Promise<string[]> {
  const model = await loadModel(path, { worker: false });
  const answers: string[] = [];
  for (const sample of bundledSamples()) {
    const seen = await model.see(sample.path, pruMergePlus({ tokens: 64 }));
    for (const { question } of sample.questions) {
      const { result } = model.answer(seen, question, { maxNewTokens, reusePrefix: false });
      answers.push((await result).text.trim());
    }
  }
  await model.dispose();
  return answers;
}

describe.each([
  ["the bundled model", async () => bundledFolder],
  [
    "a float32 conversion",
    async () =>
      (await convert(bundledCheckpoint, join(folder, "pocket-fp32"), { dtype: "fp32", workers: 0 })).path,
  ],
])("%s under transformers.js, with no options", (_, open) => {
  it("answers as ours does at exactly 64 visual tokens", async () => {
    const path = await open();
    const { ask, dispose } = await load(path);
    const answers: string[] = [];
    for (const sample of bundledSamples()) {
      for (const { question } of sample.questions) answers.push(...(await ask([sample.path], [question])));
    }
    expect(answers).toEqual(await ownAnswers(path));
    expect(new Set(answers).size).toBeGreaterThan(10);

    // Two pictures of one batch; equally long prompts, since such exports take no padding.
    const [first, second] = bundledSamples();
    const question = "What is in the image?";
    const alone = [...(await ask([first!.path], [question])), ...(await ask([second!.path], [question]))];
    expect(await ask([first!.path, second!.path], [question, question])).toEqual(alone);
    expect(alone[0]).not.toBe(alone[1]);
    await dispose();
  }, 240_000); // two programs answer 61 questions each
});
