// Greedy tokens and their logits: {folder, picture, prompt, method, options, count} -> {tokens, logits, visualTokens}
import { text } from "node:stream/consumers";
import { createReducer, loadModel } from "../../dist/index.js";

const { folder, picture, prompt, method, options, count } = JSON.parse(await text(process.stdin));
const model = await loadModel(folder, { threads: 1 });
const seen = await model.see(picture, createReducer(method, options));
const asked = { maxNewTokens: count, keepLogits: true, reusePrefix: false };
const { tokenIds, logits } = await model.answer(seen, { prompt }, asked).result;
await model.dispose();
process.stdout.write(
  JSON.stringify({
    tokens: tokenIds,
    logits: logits.map((row) => Array.from(row)),
    visualTokens: seen.embeddings.rows,
  }),
);
