// transformers.js on the converted folder's common form, in a process of its own; one JSON line.
import { basename, dirname } from "node:path";
import { env, LlavaForConditionalGeneration, Tensor } from "@huggingface/transformers";
import { memory, promptOf } from "./measured.mjs";

const { folder, threads, runs } = JSON.parse(process.argv[2]);
env.allowRemoteModels = false;
env.localModelPath = `${dirname(folder)}/`;
const model = await LlavaForConditionalGeneration.from_pretrained(basename(folder), {
  dtype: { vision_encoder: "fp32", embed_tokens: "fp32", decoder_model_merged: "q4" },
  use_external_data_format: true,
  session_options: { intraOpNumThreads: threads },
});
await ask({ prompt: 8, tokens: 2 });
const done = [];
for (const run of runs) done.push(await ask(run));
console.log(JSON.stringify({ runs: done, memory: memory() }));
await model.dispose();

async function ask({ prompt, tokens }) {
  const integers = (values) => new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const ids = [];
  const times = [];
  let before = performance.now();
  let given = 0;
  const streamer = {
    put([values]) {
      // The prompt comes first.
      if (given++ === 0) return;
      times.push(performance.now() - before);
      before = performance.now();
      ids.push(...values.map(Number));
    },
    end() {},
  };
  const input_ids = integers(promptOf(prompt));
  const attention_mask = integers(new Array(prompt).fill(1));
  before = performance.now();
  await model.generate({ input_ids, attention_mask, max_new_tokens: tokens, do_sample: false, streamer });
  const [first, ...steps] = times;
  return { first, steps, ids };
}
