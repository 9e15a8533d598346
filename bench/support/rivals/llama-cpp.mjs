// llama.cpp by node-llama-cpp's built binary, in a process of its own, with its defaults but for threads; one JSON line.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { memory, promptOf } from "./measured.mjs";

const { installed, gguf, threads, runs } = JSON.parse(process.argv[2]);
const { getLlama } = await import(pathToFileURL(createRequire(`${installed}/`).resolve("node-llama-cpp")).href);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: "error" });
const model = await llama.loadModel({ modelPath: gguf });
const context = await model.createContext({ contextSize: 1024, threads });
const sequence = context.getSequence();
await ask({ prompt: 8, tokens: 2 });
const done = [];
for (const run of runs) done.push(await ask(run));
console.log(JSON.stringify({ runs: done, memory: memory() }));
await llama.dispose();

async function ask({ prompt, tokens }) {
  await sequence.clearHistory();
  const ids = [];
  const times = [];
  let before = performance.now();
  // The most likely token each time; the marks of an end are tokens like others.
  for await (const id of sequence.evaluate(promptOf(prompt), { temperature: 0, yieldEogToken: true })) {
    times.push(performance.now() - before);
    ids.push(id);
    if (ids.length === tokens) break;
    before = performance.now();
  }
  const [first, ...steps] = times;
  return { first, steps, ids };
}
