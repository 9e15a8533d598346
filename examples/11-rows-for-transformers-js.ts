/** Reduced pictures for a model of transformers.js: rows in place of its encoder's, and the positions that they stand at. */
import { fileURLToPath } from "node:url";
import { AutoTokenizer, env, LlavaForConditionalGeneration, Tensor } from "@huggingface/transformers";
import { cover, loadModel, type VisualTokens } from "prumerge";

// The language model, as any converted folder is loaded there.
const folder = new URL("../models/pocket-llava/", import.meta.url);
env.allowRemoteModels = false;
env.localModelPath = fileURLToPath(new URL("..", folder));
const model = await LlavaForConditionalGeneration.from_pretrained("pocket-llava");
const tokenizer = await AutoTokenizer.from_pretrained("pocket-llava");
const [imageToken] = tokenizer.convert_tokens_to_ids(["<image>"]);

// Its encoder hands on the rows that it is given, and steps after the first go on behind the picture's positions.
let shift = 0;
const { forward } = model;
Object.assign(model, {
  encode_image: async ({ pixel_values }: { pixel_values: Tensor }) => pixel_values,
  forward: (inputs: { past_key_values?: object; attention_mask: Tensor }) => {
    const next = BigInt(inputs.attention_mask.dims[1]! - 1 + shift);
    const later = inputs.past_key_values && { position_ids: new Tensor("int64", [next], [1, 1]) };
    return forward.call(model, { ...inputs, ...later });
  },
});

/** The answer to a question about pictures that prumerge has reduced. */
async function answer(pictures: readonly VisualTokens[], question: string) {
  const content = [...pictures.map(() => ({ type: "image" })), { type: "text", text: question }];
  const options = { add_generation_prompt: true, tokenize: false } as const;
  const prompt = tokenizer.apply_chat_template([{ role: "user", content } as never], options) as string;
  let picture = 0;
  const places = prompt.replaceAll("<image>", (place) => place.repeat(pictures[picture++]!.embeddings.rows));
  const { input_ids, attention_mask } = tokenizer(places);
  const position_ids = positionsOf(input_ids.tolist()[0], pictures);
  const width = pictures[0]!.embeddings.columns;
  const rows = Float32Array.from(pictures.flatMap(({ embeddings }) => Array.from(embeddings.data)));
  const output = await model.generate({
    ...{ input_ids, attention_mask },
    position_ids: new Tensor("int64", position_ids, input_ids.dims),
    pixel_values: new Tensor("float32", rows, [rows.length / width, width]),
    ...{ max_new_tokens: 24, do_sample: false },
  } as never);
  const words = (output as Tensor).slice(null, [input_ids.dims[1], null] as never);
  return tokenizer.batch_decode(words, { skip_special_tokens: true })[0]!.trim();
}

/** Where the tokens of a prompt stand; sets how far its end lies beyond their number. */
function positionsOf(ids: readonly bigint[], pictures: readonly VisualTokens[]): bigint[] {
  const positions: bigint[] = [];
  let [picture, next] = [0, 0];
  while (positions.length < ids.length) {
    if (Number(ids[positions.length]) !== imageToken) {
      positions.push(BigInt(next++));
      continue;
    }
    const { embeddings, place } = pictures[picture++]!;
    for (let row = 0; row < embeddings.rows; row++) positions.push(BigInt(next + (place?.at[row] ?? row)));
    next += place?.advance ?? embeddings.rows;
  }
  shift = next - ids.length;
  return positions;
}

// The rows: here of this process; in a page of prumerge/browser, elsewhere of POST /v1/visual-tokens. What rows weigh
// (sizeBias) the common decoder does not take.
const eyes = await loadModel();
const see = (sample: number, positions: "contiguous" | "original") => {
  const reducer = cover({ tokens: 32, sizeBias: false });
  return eyes.see(new URL(`samples/sample_${sample}.png`, folder), reducer, { positions });
};
const asked: [string, readonly VisualTokens[]][] = [
  ["Where is the bear?", [await see(3, "contiguous")]],
  ["Describe the image.", [await see(3, "original")]],
  ["What is in these pictures?", [await see(1, "original"), await see(2, "original")]],
];
for (const [question, pictures] of asked) {
  const own = await eyes.answer(pictures, question, { maxNewTokens: 24, reusePrefix: false }).result;
  const rows = pictures.map(({ embeddings }) => embeddings.rows).join(" + ");
  console.log(`${rows} rows. ${question} ${await answer(pictures, question)} | ${own.text.trim()}`);
}
await model.dispose();
await eyes.dispose();
