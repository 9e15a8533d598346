// A converted model asked for one token, unreduced and reduced in turns, in a process of its own: one JSON line with counts,
// times, memory by the number of views, and what planning takes.
import { readFileSync, writeFileSync } from "node:fs";
import { loadModel } from "../../dist/index.js";
import { insideSignals } from "../../dist/reduce/inside-signals.js";
import { cover, noReduction, pruMerge, pruMergePlus } from "../../dist/reduce/index.js";
import { regionRooms } from "../../dist/reduce/region-rooms.js";

const { folder, rounds, threads, picture, tiles, keep, method, planners } = JSON.parse(process.argv[2]);
const make = { "prumerge+": pruMergePlus, prumerge: pruMerge, cover };
/** About as many tokens as a question and what goes around it. */
const prompt = (image) => `${image}${"x".repeat(40)}`;

const model = await loadModel(folder, { threads });
const [pixels, wide, narrow] = [picture, tiles?.many, tiles?.few].map((size) => size && noise(size));
const { statistics } = await model.see(pixels, make[method]({ tokens: 32 }));
const { unreducedTokens, views } = statistics;
const tokens = typeof keep === "number" ? keep : Math.round(unreducedTokens * keep.share);
const reducer = make[method]({ tokens });

// Memory first: nothing has grown yet but for the tower's own run.
const memory = tiles && { few: await peakOf(narrow), many: await peakOf(wide) };
const times = { unreduced: [], reduced: [] };
await ask(reducer); // the language model's session, too
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? ["unreduced", "reduced"] : ["reduced", "unreduced"];
  for (const name of order) times[name].push(await ask(name === "reduced" ? reducer : noReduction()));
}
const planned = await planning();
await model.dispose();
const inGraph = times.reduced[0].inGraph;
console.log(JSON.stringify({ unreducedTokens, tokens, views: views?.length, inGraph, times, memory, planned }));

function noise([width, height]) {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i >> 9)) % 251) };
}

async function ask(by) {
  const before = process.cpuUsage();
  const seen = await model.see(pixels, by);
  const encoded = process.cpuUsage(before);
  const image = model.imageToken ?? "<image>";
  const { timings, promptTokens } = await model.answer(seen, { prompt: prompt(image) }, { maxNewTokens: 1, reusePrefix: false }).result;
  const all = process.cpuUsage(before);
  await model.forget(seen);
  const processor = { encode: sum(encoded), all: sum(all) };
  const { inGraph, visualTokens } = seen.statistics;
  return { encode: timings.encode, language: timings.firstToken, processor, promptTokens, visualTokens, inGraph };
}

function sum({ user, system }) {
  return (user + system) / 1000;
}

/** The most that is resident while a picture is seen unreduced, beyond what was before, after a run that is not counted. */
async function peakOf(image) {
  await model.see(image, reducer);
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // forgets the peak
  const before = status("VmRSS");
  const { embeddings, sites } = await model.see(image, noReduction());
  return { before, peak: status("VmHWM"), features: embeddings.data.byteLength, views: sites.regions.length };
}

function status(name) {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN) * 1024;
}

/** Milliseconds of one thread that the planners take over all views of the picture. */
async function planning() {
  const { signals, sites } = await model.see(pixels, noReduction(), { signals: true });
  const inside = sites.regions.map((region, at) => insideSignals(signals[at], region));
  const took = {};
  for (const name of planners) {
    const planner = make[name]({ tokens });
    const rooms = regionRooms(planner, sites);
    const all = [];
    for (let turn = 0; turn < 3; turn++) {
      const before = process.cpuUsage();
      inside.forEach((read, at) => rooms[at] && planner.plan(read, rooms[at]));
      all.push(sum(process.cpuUsage(before)));
    }
    took[name] = Math.min(...all);
  }
  return took;
}
