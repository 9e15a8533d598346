import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "prumerge-own-graph-method-"));
const checkpoint = join(root, "test/fixtures/goldens/llava/tiny-llava-llama");

/** All that a method with a graph of its own is: its planner, its graph and how that is fed, and a line for each. */
const files: Readonly<Record<string, string>> = {
  "reduce/methods/first-rows.ts": `
import type { Method } from "../method.js";
import { oneHotPlan } from "../one-hot.js";
import { rowRoom } from "../row-room.js";

export const firstRowsMethod: Method = {
  name: "first-rows",
  description: "the first patches, unchanged",
  budgets: ["exact"],
  defaultBudget: { kind: "exact", rows: 12 },
  create: (options, budget = { kind: "exact", rows: 12 }) => ({
    method: "first-rows",
    budget,
    options,
    need: {},
    plan: (signals, room = rowRoom({ method: "first-rows", budget }, signals.patches.rows)) =>
      oneHotPlan(signals.grid, Int32Array.from({ length: room.count }, (_, patch) => patch)),
    inGraph: (_, room) => ({ name: "first-rows", settings: { count: room.count } }),
  }),
};
`,
  "graphs/reduction/first-rows-program.ts": `
import type { ReductionProgram } from "./program.js";

export const firstRowsProgram: ReductionProgram = {
  name: "first-rows",
  inputs: { count: { name: "first_count", type: "int64" } },
  identity: (patches) => ({ count: patches }),
  check: () => undefined,
};
`,
  "graphs/reduction/first-rows.ts": `
import { cast, equal, matMul, range, scalar, unsqueeze } from "../../onnx/ops/index.js";
import type { ReductionBuilder } from "./builder.js";
import { classAttention } from "./class-attention.js";

export const firstRowsReduction: ReductionBuilder = {
  name: "first-rows",
  reduce(graph, { patches, keys, queries, classToken, grid }) {
    const count = grid.rows * grid.columns;
    const integer = (value: number) => scalar(graph, "int64", value);
    const kept = range(integer(0), graph.input("first_count", "int64", []), "kept");
    const all = range(integer(0), integer(count), count);
    const weights = unsqueeze(cast(equal(unsqueeze(kept, 1), unsqueeze(all, 0)), "float32"), 0);
    const attention = classAttention(queries, keys, classToken);
    return { tokens: matMul(weights, patches), kept: unsqueeze(kept, 0), weights, attention };
  },
};
`,
};

/** The lists that get a line each, with an import. */
const lists = [
  ["reduce/registry.ts", "firstRowsMethod", "./methods/first-rows.js", "  noneMethod,\n", "  firstRowsMethod,\n  noneMethod,\n"],
  ["graphs/reduction/programs.ts", "firstRowsProgram", "./first-rows-program.js", "[prumergeProgram, ", "[prumergeProgram, firstRowsProgram, "],
  ["graphs/reduction/builders.ts", "firstRowsReduction", "./first-rows.js", "  prumergeReduction,\n", "  prumergeReduction,\n  firstRowsReduction,\n"],
] as const; // biome-ignore format: a line each

beforeAll(async () => {
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
  for (const name of ["tsconfig.json", "package.json"]) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(copy, "src", path), text);
  for (const [path, name, from, line, changed] of lists) {
    const text = readFileSync(join(copy, "src", path), "utf8");
    expect(text).toContain(line);
    writeFileSync(
      join(copy, "src", path),
      `import { ${name} } from "${from}";\n${text.replace(line, changed)}`,
    );
  }
  await run("npx", ["tsc", "-p", "tsconfig.json"], { cwd: copy });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

it("a method with a graph of its own is three files and three lines, and runs in the graph", async () => {
  const program = join(copy, "dist/cli/main.js");
  const prumerge = async (...words: string[]) =>
    (await run(process.execPath, [program, ...words], { cwd: copy })).stdout;
  await prumerge("convert", checkpoint, "model", "--dtype", "fp32");
  expect(existsSync(join(copy, "model/onnx/vision_first-rows.onnx"))).toBe(true);
  expect(JSON.parse(await prumerge("info", "model", "--json")).methods).toMatchObject({
    prumerge: "in-graph",
    "first-rows": "in-graph",
    random: "planner",
  });
  // In the graph, planned in TypeScript, and the other program of the same model.
  writeFileSync(
    join(copy, "compare.mjs"),
    `import { createReducer, loadModel, pruMerge } from "./dist/index.js";
    const model = await loadModel("./model");
    const data = new Uint8Array(112 * 112 * 3).map((_, i) => (i * 7919) % 256);
    const picture = { width: 112, height: 112, data };
    const reducer = createReducer("first-rows", { tokens: 9 });
    const inGraph = await model.see(picture, reducer);
    const planned = await model.see(picture, Object.create(reducer, { inGraph: { value: () => undefined } }));
    const other = await model.see(picture, pruMerge({ tokens: 9 }));
    await model.dispose();
    const rows = ({ embeddings: { data } }) => [...data];
    console.log(JSON.stringify({
      inGraph: [inGraph, planned, other].map(({ statistics }) => statistics.inGraph),
      kept: [...inGraph.plan.keptPatches],
      apart: Math.max(...rows(inGraph).map((value, i) => Math.abs(value - rows(planned)[i]))),
      others: other.plan.keptPatches.length,
    }));`,
  );
  const { stdout } = await run(process.execPath, ["compare.mjs"], { cwd: copy });
  const { apart, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ inGraph: [true, false, true], kept: [0, 1, 2, 3, 4, 5, 6, 7, 8], others: 9 });
  expect(apart).toBeLessThan(1e-5);
});
