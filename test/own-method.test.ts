import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "prumerge-own-method-"));
const sample = join(root, "models/pocket-llava/samples/sample_2.png");

/** Takes no count: the doc's example, word for word but for its imports. */
const everyEighth = `
import type { Method } from "../method.js";
import { mergePlan } from "../merging.js";
import { refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";

${codeOf("docs/adding-a-method.md", "export function everyEighth")}
${codeOf("docs/adding-a-method.md", "export const everyEighthMethod")}
`;

/** Takes nothing but a count, which its options do not spell: the last patches, as they are. */
const lastRows = `
import { checkSignals } from "../check-signals.js";
import type { Method } from "../method.js";
import { oneHotPlan } from "../one-hot.js";
import { refuseUnknownOptions } from "../options.js";
import { rowRoom } from "../row-room.js";

export const lastRowsMethod: Method = {
  name: "last-rows",
  description: "the last patches, unchanged",
  budgets: ["exact"],
  defaultBudget: { kind: "exact", rows: 12 },
  create(options, budget = { kind: "exact", rows: 12 }) {
    refuseUnknownOptions("last-rows", options, []);
    return {
      method: "last-rows",
      budget,
      options: {},
      plan(signals, room = rowRoom({ method: "last-rows", budget }, signals.patches.rows)) {
        checkSignals(signals);
        const all = Int32Array.from({ length: signals.patches.rows }, (_, patch) => patch);
        return oneHotPlan(signals.grid, all.slice(all.length - room.count));
      },
    };
  },
};
`;

/** The fenced block of a page that holds a line; without its imports. */
function codeOf(page: string, line: string): string {
  const blocks = readFileSync(join(root, page), "utf8").split(/```(?:ts)?\n/);
  const block = blocks.find((text) => text.includes(line));
  return block!.replace(/^import .*\n/gm, "");
}

beforeAll(async () => {
  for (const name of ["src", "app", "test/support"])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of ["tsconfig.json", "vitest.config.ts", "package.json"])
    cpSync(join(root, name), join(copy, name));
  for (const name of ["node_modules", "models", "test/fixtures", "benchmarks"])
    symlinkSync(join(root, name), join(copy, name));
  const methods = join(copy, "src/reduce/methods");
  mkdirSync(methods, { recursive: true });
  writeFileSync(join(methods, "every-eighth.ts"), everyEighth);
  writeFileSync(join(methods, "last-rows.ts"), lastRows);
  const registry = join(copy, "src/reduce/registry.ts");
  const text = readFileSync(registry, "utf8");
  const changed = text
    .replace(
      "import { noneMethod }",
      'import { everyEighthMethod } from "./methods/every-eighth.js";\nimport { noneMethod }',
    )
    .replace(
      "import { noneMethod }",
      'import { lastRowsMethod } from "./methods/last-rows.js";\nimport { noneMethod }',
    )
    .replace("  noneMethod,\n", "  everyEighthMethod,\n  lastRowsMethod,\n  noneMethod,\n");
  writeFileSync(registry, changed);
  await run("npx", ["tsc", "-p", "tsconfig.json"], { cwd: copy });
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function prumerge(...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(copy, "dist/cli/main.js"), ...words], { cwd: copy });
  return stdout;
}

it.each([
  ["every-eighth", [], 73],
  ["last-rows", [], 12],
  ["last-rows", ["--visual-tokens", "9"], 9],
] as const)("ask --method %s %j gives %i visual tokens", async (method, budget, count) => {
  const words = ["ask", sample, "What is in the image?", "--method", method, ...budget, "--json"];
  const report = JSON.parse(await prumerge(...words));
  expect(report).toMatchObject({ method, visualTokens: count, unreducedTokens: 576 });
});

it("a budget that a method does not take is refused, with the methods that do", async () => {
  const words = ["ask", sample, "What?", "--method", "every-eighth", "--visual-tokens", "64"];
  await expect(prumerge(...words)).rejects.toThrow(/expected adaptive, found 64\n.*last-rows/);
});

it("eval asks each at every budget that it takes, and report shows them", async () => {
  const out = join(copy, "run");
  const data = join(copy, "benchmarks/pocket");
  const words = [
    "pope",
    "--data",
    data,
    "--limit",
    "6",
    "--method",
    "none,every-eighth,last-rows",
    "--visual-tokens",
    "64,adaptive,32",
    "--out",
    out,
  ];
  const scores = JSON.parse(await prumerge("eval", ...words, "--json")) as {
    configuration: string;
    meanVisualTokens: number;
  }[];
  expect(scores.map((one) => [one.configuration, one.meanVisualTokens])).toEqual([
    ["none", 576],
    ["every-eighth-adaptive", 73],
    ["last-rows-64", 64],
    ["last-rows-32", 32],
  ]);
  const page = join(copy, "report.html");
  await prumerge("report", out, "-o", page);
  expect(readFileSync(page, "utf8")).toContain("every-eighth adaptive");
});

it("serve answers with both, by default and at a count, and tells programs what they take", async () => {
  const server = spawn(process.execPath, [join(copy, "dist/cli/main.js"), "serve", "--port", "0"], {
    cwd: copy,
  });
  try {
    const url = await listening(server);
    const info = (await (await fetch(`${url}/v1/prumerge/info`)).json()) as {
      methods: { name: string; budgets: string[]; visual_tokens: string }[];
    };
    expect(info.methods).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "every-eighth", budgets: ["rule"], visual_tokens: "adaptive" }),
        expect.objectContaining({ name: "last-rows", budgets: ["exact"], visual_tokens: "12" }),
      ]),
    );
    const data = `data:image/png;base64,${readFileSync(sample).toString("base64")}`;
    const see = async (prumergeField: object) => {
      const response = await fetch(`${url}/v1/visual-tokens`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ image_url: { url: data }, embeddings: false, prumerge: prumergeField }),
      });
      const body = (await response.json()) as { picture?: { visual_tokens: number } };
      return [response.status, body.picture?.visual_tokens];
    };
    expect(await see({ method: "every-eighth" })).toEqual([200, 73]);
    expect(await see({ method: "last-rows" })).toEqual([200, 12]);
    expect(await see({ method: "last-rows", visual_tokens: 30 })).toEqual([200, 30]);
    expect(await see({ method: "every-eighth", visual_tokens: 30 })).toEqual([400, undefined]);
  } finally {
    server.kill();
  }
});

it("the tests of src/reduce and those of the page's controls hold for them", async () => {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { stdout } = await run(
    process.execPath,
    [vitest, "run", "src/reduce", "app/src/state", "app/src/controls"],
    {
      cwd: copy,
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  expect(stdout).toMatch(/Tests +\d+ passed/);
  expect(stdout).not.toMatch(/failed/);
});

it("the page's build holds both", async () => {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await run(process.execPath, [vite, "build", "app", "--mode", "server", "--logLevel", "error"], {
    cwd: copy,
  });
});

async function listening(server: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of server.stderr!) {
    text += chunk;
    const found = /http:\/\/\S+/.exec(text)?.[0];
    if (found === undefined) continue;
    const url = found.replace(/\/$/, "");
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 60_000 }).toBe(200);
    return url;
  }
  throw new Error(text);
}
