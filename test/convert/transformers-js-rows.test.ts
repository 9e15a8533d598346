import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  AutoModelForCausalLM,
  AutoModelForImageTextToText,
  AutoTokenizer,
  env,
  LlavaForConditionalGeneration,
  Tensor,
} from "@huggingface/transformers";
import { cover, loadModel } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundledFolder } from "../support/bundled.js";
import { nextCheckpoint } from "../support/next-checkpoint.js";

/** What docs/transformers-js.md says of that library beside what examples/11 shows: if it changes, the page does. */
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-tjs-"));
  env.allowRemoteModels = false;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const from = (path: string) => {
  env.localModelPath = `${dirname(path)}/`;
  return basename(path);
};

it("a call takes rows and positions, and generate passes rows by", async () => {
  const name = from(bundledFolder);
  const model = await LlavaForConditionalGeneration.from_pretrained(name);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const { input_ids, attention_mask } = tokenizer("USER: What is it?\nASSISTANT:");
  const inputs_embeds = await model.encode_text({ input_ids });
  const logits = async (inputs: object) =>
    Array.from(((await model(inputs)) as { logits: Tensor }).logits.data);
  const ofIds = await logits({ input_ids, attention_mask });
  expect(await logits({ inputs_embeds, attention_mask })).toEqual(ofIds);
  const other = inputs_embeds.mul(-1);
  expect(await logits({ inputs_embeds: other, attention_mask })).not.toEqual(ofIds);
  const generate = async (inputs: object) => {
    const all = (await model.generate({ ...inputs, max_new_tokens: 4, do_sample: false } as never)) as Tensor;
    return all.tolist();
  };
  const plain = await generate({ input_ids, attention_mask });
  expect(await generate({ input_ids, attention_mask, inputs_embeds: other })).toEqual(plain);
  await model.dispose();
});

it("a folder of a family with tiles has nothing that the library can load", async () => {
  const { path } = await convert(nextCheckpoint(), join(folder, "tiny-next"), { dtype: "fp32", workers: 0 });
  await expect(AutoModelForImageTextToText.from_pretrained(from(path))).rejects.toThrow(
    "Unsupported model type: llava_next",
  );
});

it("a folder of Qwen-VL is loaded as a language model alone, and answers of rows in three coordinates as ours does", async () => {
  const golden = fileURLToPath(new URL("../fixtures/goldens/qwen2_vl/tiny-qwen2vl", import.meta.url));
  const { path } = await convert(golden, join(folder, "tiny-qwen"), { dtype: "fp32", workers: 0 });
  const name = from(path);
  const options = { dtype: "fp32", use_external_data_format: true } as const;
  const model = await AutoModelForCausalLM.from_pretrained(name, options);
  expect(Object.keys(model.sessions).sort()).toEqual(["decoder_model_merged", "embed_tokens"]);
  const tokenizer = await AutoTokenizer.from_pretrained(name);

  const eyes = await loadModel(path, { worker: false });
  const seen = await eyes.see(`${golden}.two-0.png`, cover({ tokens: 4, sizeBias: false }));
  const { embeddings, place } = seen;
  const question = "What is it?";
  const own = await eyes.answer(seen, question, { maxNewTokens: 12, reusePrefix: false }).result;
  await eyes.dispose();

  const token = "<|image_pad|>";
  const [image] = tokenizer.convert_tokens_to_ids([token]);
  const content = [{ type: "image" }, { type: "text", text: question }];
  const written = { add_generation_prompt: true, tokenize: false } as const;
  const prompt = tokenizer.apply_chat_template([{ role: "user", content } as never], written) as string;
  const { input_ids, attention_mask } = tokenizer(prompt.replace(token, token.repeat(embeddings.rows)));
  const ids: number[] = input_ids.tolist()[0].map(Number);
  const first = ids.indexOf(image!);
  const beyond = place!.advance - embeddings.rows;
  const coordinate = (rows: ArrayLike<number>) =>
    ids.map((id, at) => (id === image ? first + rows[at - first]! : at < first ? at : at + beyond));
  const positions = [place!.at, place!.rows!, place!.columns!].flatMap(coordinate);
  const { forward } = model;
  Object.assign(model, {
    encode_image: async ({ pixel_values }: { pixel_values: Tensor }) => pixel_values,
    forward: (inputs: { past_key_values?: object; attention_mask: Tensor }) => {
      const next = BigInt(inputs.attention_mask.dims[1]! - 1 + beyond);
      const later = inputs.past_key_values && {
        position_ids: new Tensor("int64", [next, next, next], [3, 1, 1]),
      };
      return forward.call(model, { ...inputs, ...later });
    },
  });
  const output = (await model.generate({
    ...{ input_ids, attention_mask },
    position_ids: new Tensor("int64", positions.map(BigInt), [3, 1, ids.length]),
    pixel_values: new Tensor("float32", embeddings.data, [embeddings.rows, embeddings.columns]),
    ...{ max_new_tokens: 12, do_sample: false },
  } as never)) as Tensor;
  await model.dispose();
  expect(output.tolist()[0].slice(ids.length).map(Number)).toEqual([...own.tokenIds]);
});
