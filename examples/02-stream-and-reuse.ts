/** Stream an answer, then ask the same picture again: its visual tokens and their keys and values are kept. */
import { loadModel } from "prumerge";

const picture = new URL("../models/pocket-llava/samples/sample_3.png", import.meta.url);

const model = await loadModel();
const seen = await model.see(picture);

for (const question of ["What color is the triangle?", "Where is the bear?"]) {
  process.stdout.write(`${question} `);
  const answer = model.answer(seen, question);
  for await (const text of answer) process.stdout.write(text);
  const { promptTokens, reusedTokens, timings } = await answer.result;
  const first = timings.firstToken.toFixed(0);
  console.log(`\n  first word after ${first} ms, ${reusedTokens} of ${promptTokens} prompt tokens reused`);
}
await model.dispose();
