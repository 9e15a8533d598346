/** Compare methods at equal counts of visual tokens: what a method is worth shows beside random and uniform samples. */
import {
  loadModel,
  noReduction,
  pruMerge,
  pruMergePlus,
  type Reducer,
  randomSampling,
  sequentialSampling,
  uniformSampling,
} from "prumerge";

const picture = new URL("../models/pocket-llava/samples/sample_1.png", import.meta.url);
const question = "What color is the word?";
const tokens = 36;

const reducers: Reducer[] = [
  noReduction(),
  pruMerge({ tokens }),
  pruMergePlus({ tokens }),
  uniformSampling({ tokens }),
  randomSampling({ tokens, seed: 1 }),
  sequentialSampling({ tokens }),
];

const model = await loadModel();
for (const reducer of reducers) {
  const seen = await model.see(picture, reducer);
  const { text, timings } = await model.answer(seen, question, { reusePrefix: false }).result;
  const { visualTokens, keyValueBytes } = seen.statistics;
  const milliseconds = (timings.encode + timings.firstToken).toFixed(0).padStart(4);
  const kilobytes = (keyValueBytes / 1024).toFixed(0).padStart(5);
  const count = String(visualTokens).padStart(3);
  console.log(`${reducer.method.padEnd(11)} ${count} tokens ${milliseconds} ms ${kilobytes} KiB  ${text}`);
}
await model.dispose();
