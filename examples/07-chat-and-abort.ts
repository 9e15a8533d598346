/** A conversation of several turns and two pictures, and an answer that is stopped before it ends. */
import { loadModel, pruMergePlus } from "prumerge";

const sample = (index: number) =>
  new URL(`../models/pocket-llava/samples/sample_${index}.png`, import.meta.url);

const model = await loadModel();
const reducer = pruMergePlus({ maxTokens: 64 });
const chat = model.chat(await model.see(sample(3), reducer));

for (const question of ["What color is the triangle?", "Is there a bear in the image?"]) {
  const { text, promptTokens, reusedTokens } = await chat.ask(question).result;
  console.log(`${question} ${text} (${reusedTokens} of ${promptTokens} prompt tokens reused)`);
}

chat.show(await model.see(sample(2), reducer));
const stop = new AbortController();
const answer = chat.ask("Describe the image.", { signal: stop.signal });
let words = "";
for await (const text of answer) {
  words += text;
  stop.abort();
}
const { finishReason } = await answer.result;
console.log(`Describe the image. ${words} ... (${finishReason})`);
await model.dispose();
