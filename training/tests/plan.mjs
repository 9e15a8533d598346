// Plans of methods for given class attention and keys:
// {cases: [{method, options}], attention, keys, side} -> for each case, each picture's dense W, row by row
import { text } from "node:stream/consumers";
import { createReducer, densePlan } from "../../dist/reduce/index.js";

const { cases, attention, keys, side } = JSON.parse(await text(process.stdin));
const matrix = (rows) => ({ rows: rows.length, columns: rows[0].length, data: Float32Array.from(rows.flat()) });
const signals = attention.map((values, picture) => ({
  grid: { rows: side, columns: side },
  patches: matrix(values.map((_, patch) => [patch])),
  keys: matrix(keys[picture]),
  queries: matrix([keys[picture][0]]),
  classToken: true,
  heads: 1,
  classAttention: Float32Array.from(values),
}));
const found = cases.map(({ method, options }) => {
  const reducer = createReducer(method, options);
  return signals.map((one) => Array.from(densePlan(reducer.plan(one)).data));
});
process.stdout.write(JSON.stringify(found));
