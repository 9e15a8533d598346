// A converted model asked for one token, unreduced and reduced in turns, in a process of its own: one JSON line with counts,
// times, memory by the number of views, and what planning takes. Encoding is dear, so that no picture is encoded only for a count.
import { readFileSync, writeFileSync } from "node:fs";
import { runFamily } from "../../dist/families/run-registry.js";
import { loadModel } from "../../dist/index.js";
import { insideSignals } from "../../dist/reduce/inside-signals.js";
import { cover, noReduction, pruMerge, pruMergePlus } from "../../dist/reduce/index.js";
import { regionRooms } from "../../dist/reduce/region-rooms.js";

const { folder, rounds, threads, picture, keep, method, planners } = JSON.parse(process.argv[2]);
const make = { "prumerge+": pruMergePlus, prumerge: pruMerge, cover };

const model = await loadModel(folder, { threads });
const pixels = await model.prepare(noise(picture));
const family = runFamily(model.spec);
const sites = family.sites(pixels, model.spec);
const unreducedTokens = family.arrange(sites, pixels, model.spec).origin.length;
const views = sites.regions.length;
const tokens = typeof keep === "number" ? keep : Math.round(unreducedTokens * keep.share);
const reducer = make[method]({ tokens });
const whole = noReduction();

// Both sessions opened and warm, with one view, or a small picture where there is but one.
const small = family.tiles ? { image: noise(picture), way: { views: "base" } } : { image: noise([280, 280]), way: {} };
await ask(small.image, whole, small.way);
const one = family.tiles ? await peakOf(() => model.see(small.image, whole, { ...small.way, signals: true })) : undefined;

const times = { unreduced: [], reduced: [] };
let all;
for (let round = 0; round < rounds; round++) {
  const order = round % 2 === 0 ? ["unreduced", "reduced"] : ["reduced", "unreduced"];
  for (const name of order) {
    if (name === "reduced") times.reduced.push(await ask(pixels, reducer));
    else {
      // Of rows that are mixed as they are, signals are the rows.
      const run = await ask(pixels, whole, family.tiles ? {} : { signals: true });
      all ??= run;
      times.unreduced.push(run);
    }
  }
}
const memory = one && { few: told(one), many: told(all) };
const planned = planning(one ?? all);
await model.dispose();
const strip = ({ peak: _, seen: __, ...rest }) => rest;
const taken = { unreduced: times.unreduced.map(strip), reduced: times.reduced.map(strip) };
console.log(JSON.stringify({ unreducedTokens, tokens, views, times: taken, memory, planned }));

function noise([width, height]) {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37 + (i >> 9)) % 251) };
}

async function ask(image, by, way = {}) {
  const start = process.cpuUsage();
  const { seen, peak } = await peakOf(() => model.see(image, by, way));
  const encoded = process.cpuUsage(start);
  // About as many tokens as a question and what goes around it.
  const prompt = `<image>${"x".repeat(40)}`;
  const { timings, promptTokens } = await model.answer(seen, { prompt }, { maxNewTokens: 1, reusePrefix: false }).result;
  const done = process.cpuUsage(start);
  await model.forget(seen);
  const processor = { encode: sum(encoded), all: sum(done) };
  const { inGraph, visualTokens } = seen.statistics;
  return { encode: timings.encode, language: timings.firstToken, processor, promptTokens, visualTokens, inGraph, peak, seen };
}

function sum({ user, system }) {
  return (user + system) / 1000;
}

/** The most that is resident while something is seen, beyond what was before. */
async function peakOf(see) {
  globalThis.gc?.();
  writeFileSync("/proc/self/clear_refs", "5"); // forgets the peak
  const before = status("VmRSS");
  const seen = await see();
  return { seen, peak: { before, peak: status("VmHWM") } };
}

function told({ seen, peak }) {
  return { ...peak, features: seen.embeddings.data.byteLength, views: seen.sites.regions.length };
}

function status(name) {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? Number.NaN) * 1024;
}

/** Milliseconds of one thread that the planners take over all views: as many times one view's, of which each has its share. */
function planning({ seen }) {
  const region = seen.sites.regions[0];
  const read = insideSignals(seen.signals[0], region);
  const took = {};
  for (const name of planners) {
    const planner = make[name]({ tokens: Math.max(1, Math.round(tokens / views)) });
    const [room] = regionRooms(planner, seen.sites);
    const turns = [];
    for (let turn = 0; turn < 3; turn++) {
      const start = process.cpuUsage();
      planner.plan(read, room);
      turns.push(sum(process.cpuUsage(start)));
    }
    took[name] = Math.min(...turns) * views;
  }
  return took;
}
