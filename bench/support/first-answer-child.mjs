// A converted model asked for one token, reduced and unreduced in turns, in a process of its own: one JSON line with times
// and with the process's memory after the first reduced and after the first unreduced answer.
import { readFileSync } from "node:fs";
import { loadModel, noReduction, pruMergePlus } from "../../dist/index.js";

const [folder, rounds] = process.argv.slice(2);
const side = 640;
const picture = { width: side, height: 480, data: Uint8Array.from({ length: side * 480 * 3 }, (_, i) => (i * 37 + (i >> 9)) % 251) };
/** About as many tokens as a question and what goes around it. */
const prompt = `<image>${"x".repeat(40)}`;

const model = await loadModel(folder, { threads: 2 });
const reducers = { unreduced: noReduction(), "prumerge+ 144": pruMergePlus({ tokens: 144 }), "prumerge+ 64": pruMergePlus({ tokens: 64 }) };
/** Of pictures in tiles, the whole one alone. */
const ways = { "whole picture alone": { reducer: noReduction(), views: "base" } };
for (const [name, reducer] of Object.entries(reducers)) ways[name] = { reducer };
const names = [...Object.keys(reducers), ...(model.preprocessing.aspect === "anyres" ? ["whole picture alone"] : [])];
const times = {};
const memory = {};

async function ask(name) {
  const before = process.cpuUsage();
  const { reducer, ...way } = ways[name];
  const seen = await model.see(picture, reducer, way);
  const { timings, promptTokens } = await model.answer(seen, { prompt }, { maxNewTokens: 1, reusePrefix: false }).result;
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1000;
  return { encode: timings.encode, firstToken: timings.encode + timings.firstToken, processor, promptTokens };
}

await ask("prumerge+ 64");
memory.reduced = ownMemory();
await ask("unreduced");
memory.unreduced = ownMemory();
for (let round = 0; round < Number(rounds); round++) {
  for (const name of names) (times[name] ??= []).push(await ask(name));
}
await model.dispose();
console.log(JSON.stringify({ times, memory }));

/** Bytes: the most that was resident so far, and what of the present no file backs. */
function ownMemory() {
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
  return { peakResident: bytes("VmHWM"), anonymous: bytes("RssAnon") };
}
