// Our engine in a process of its own: runs of a prompt and tokens behind it, and pictures encoded; one JSON line.
import { findGraphs, loadEngine } from "../../../dist/runtime/index.js";
import { largest, memory, promptOf } from "./measured.mjs";

const { folder, threads, runs, side, tokens, prefill } = JSON.parse(process.argv[2]);
const settings = { exact: true, count: tokens, iqrFactor: 1.5, neighbours: 32, spatial: false, globalToken: true, rasterOrder: false };
const reductions = { unreduced: "identity", reduced: { name: "prumerge", settings } };

const { prefill: own, ...without } = await findGraphs(folder, "q4");
const engine = await loadEngine(prefill ? { ...without, prefill: own } : without, { threads });
await ask({ prompt: 8, tokens: 2 });
const done = [];
for (const run of runs) done.push(await ask(run));
const language = memory();

const view = { data: Float32Array.from({ length: 3 * side ** 2 }, (_, at) => Math.sin(at)), height: side, width: side };
await engine.see(view, reductions.reduced);
const encoder = {};
for (const [name, reduction] of Object.entries(reductions)) encoder[name] = (await engine.see(view, reduction)).milliseconds;
const whole = memory();
await engine.dispose();
console.log(JSON.stringify({ runs: done, memory: language, encoder, whole }));

async function ask({ prompt, tokens }) {
  const cache = await engine.createCache();
  const start = performance.now();
  let { logits } = await engine.forward(cache, promptOf(prompt));
  const first = performance.now() - start;
  const ids = [largest(logits)];
  const steps = [];
  while (ids.length < tokens) {
    const before = performance.now();
    ({ logits } = await engine.forward(cache, [ids.at(-1)]));
    ids.push(largest(logits));
    steps.push(performance.now() - before);
  }
  await engine.releaseCache(cache);
  return { first, steps, ids };
}
