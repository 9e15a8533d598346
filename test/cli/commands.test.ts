import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cdPruner, loadModel, pruMergePlus } from "prumerge";
import { afterAll, describe, expect, it } from "vitest";
import { prumerge, samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const bear = join(samples, "sample_3.png");
const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("prumerge inspect", () => {
  it.each([
    ["png", (bytes: Buffer) => bytes.subarray(1, 4).toString() === "PNG"],
    ["svg", (bytes: Buffer) => bytes.toString().startsWith("<svg")],
    ["html", (bytes: Buffer) => /^<!doctype html>/i.test(bytes.toString())],
    ["json", (bytes: Buffer) => JSON.parse(bytes.toString()) !== null],
  ])("writes %s", async (format, looksRight) => {
    const path = join(folder, `kept.${format}`);
    const { status, stdout, stderr } = await runInProcess(["inspect", bear, "-o", path]);
    expect(stderr).toBe(`${path}: prumerge+, 144 of 576 visual tokens\n`);
    expect([status, stdout]).toEqual([0, ""]);
    expect(looksRight(readFileSync(path))).toBe(true);
  });

  it("writes the statistics that its JSON is described with", async () => {
    const path = join(folder, "statistics.json");
    await runInProcess(["inspect", bear, "-o", path, "-q"]);
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")).statistics).sort()).toEqual([
      "encodeMilliseconds",
      "keyValueBytes",
      "unreducedKeyValueBytes",
      "unreducedTokens",
      "visualTokens",
    ]);
  });

  it("draws in the terminal without a file", async () => {
    const { stdout } = await runInProcess(["inspect", bear, "--quiet"]);
    expect(stdout.split("\n").filter((line) => /^[\u2580\u2584\u2588 \u00b7]+$/.test(line)).length).toBe(12);
    expect(stdout).not.toContain("\u001B");
  });
});

describe("prumerge encode", () => {
  it("writes the visual tokens that the library gives", async () => {
    const path = join(folder, "tokens.npy");
    const { status } = await runInProcess(["encode", bear, "-o", path, "--visual-tokens", "32", "--quiet"]);
    expect(status).toBe(0);
    const bytes = readFileSync(path);
    const head = bytes.readUInt16LE(8) + 10;
    expect(bytes.subarray(0, head).toString("latin1")).toContain(
      "'<f4', 'fortran_order': False, 'shape': (32, 256)",
    );
    const model = await loadModel();
    const { embeddings } = await model.see(bear, pruMergePlus({ tokens: 32 }));
    await model.dispose();
    const stored = new Float32Array(new Uint8Array(bytes.subarray(head)).buffer);
    expect(stored.length).toBe(32 * 256);
    expect(Math.max(...stored.map((value, i) => Math.abs(value - embeddings.data[i]!)))).toBeLessThan(1e-5);
  });
});

describe("a method that reads the question", () => {
  const by = ["--method", "cdpruner", "--visual-tokens", "24"];

  it("takes it from --question where a command asks nothing", async () => {
    const asked = ["--question", "Where is the bear?"];
    const paths = ["seen.json", "seen.npy"].map((name) => join(folder, name));
    const inspected = await runInProcess(["inspect", bear, "-o", paths[0]!, ...by, ...asked]);
    expect(inspected.stderr).toBe(`${paths[0]}: cdpruner, 24 of 576 visual tokens\n`);
    const encoded = await runInProcess(["encode", bear, "-o", paths[1]!, ...by, ...asked]);
    expect(encoded.stderr).toMatch(/ cdpruner, 24 of 576 visual tokens, for "Where is the bear\?"\n$/);
    const model = await loadModel();
    const { plan } = await model.see(bear, cdPruner({ tokens: 24 }), { question: asked[1]! });
    await model.dispose();
    const { question, tokens } = JSON.parse(readFileSync(paths[0]!, "utf8"));
    expect(question).toBe(asked[1]);
    expect(tokens.map(({ patch }: { patch: number }) => patch)).toEqual([...plan.keptPatches]);
  });

  it("takes what is asked, also beside the unreduced model", async () => {
    const question = "Where is the bear?";
    const { stdout } = await runInProcess(["ask", bear, question, ...by, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ method: "cdpruner", visualTokens: 24, question });
    const both = await runInProcess(["ask", bear, question, ...by, "--compare", "--json"]);
    expect(JSON.parse(both.stdout)).toMatchObject({
      ...{ method: "cdpruner", answer: JSON.parse(stdout).answer, unreduced: { method: "none" } },
    });
  });

  it("sees the pictures of a chat anew for each turn's question", async () => {
    const input = `Where is the bear?\n/picture ${join(samples, "sample_1.png")}\nHow many apples are there?\n/clear\nWhere is the bear?\n`;
    const { status, stdout, stderr } = await runInProcess(["chat", bear, ...by], { input });
    expect([status, stderr]).toEqual([0, "It will be seen for the next question.\nStarted over.\n"]);
    const model = await loadModel();
    const see = (path: string, question: string) => model.see(path, cdPruner({ tokens: 24 }), { question });
    const [first, second] = ["Where is the bear?", "How many apples are there?"];
    const alone = (await model.answer(await see(bear, first), first).result).text;
    const pictures = [await see(bear, second), await see(join(samples, "sample_1.png"), second)];
    const turns = [
      { role: "user", content: [{ type: "image" }, { type: "text", text: first }] },
      { role: "assistant", content: alone },
      { role: "user", content: [{ type: "image" }, { type: "text", text: second }] },
    ] as const;
    const { text } = await model.answer(pictures, turns).result;
    await model.dispose();
    expect(stdout.split("\n").slice(0, 2)).toEqual([alone, text]);
  });
});

describe("prumerge convert and info", () => {
  it("makes a folder that answers, and describes it", async () => {
    const target = join(folder, "q8");
    const made = await runInProcess(["convert", checkpoint, target, "--dtype", "q8", "--baked-tokens", "32"]);
    expect(made.stderr).toMatch(/q8: vision fp32, language model q8, .+ MB, .+\nTry: prumerge ask --model /);
    expect(made.status).toBe(0);
    const asked = await runInProcess(["ask", bear, "Where is the bear?", "--model", target, "--quiet"]);
    expect(asked).toEqual({ status: 0, stdout: "bottom\n", stderr: "" });
    const again = await runInProcess(["convert", checkpoint, target]);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining("exists")]);
    const { stdout } = await runInProcess(["info", target, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "model",
      form: "converted",
      patches: 576,
      context: 2048,
      keyValueBytesPerToken: 8192,
      dtypes: { vision: "fp32", decoder: "q8" },
      methods: { prumerge: "in-graph", "prumerge+": "in-graph", random: "planner", none: "in-graph" },
    });
    expect(readdirSync(folder)).not.toContainEqual(expect.stringMatching(/^\./));
  });

  it("answers with the baked count where only transformers.js' files are left", async () => {
    const [whole, bare] = [join(folder, "whole"), join(folder, "bare")];
    await runInProcess(["convert", checkpoint, whole, "--dtype", "q8", "--baked-tokens", "32"]);
    cpSync(whole, bare, { recursive: true });
    const own = /^onnx\/(vision|decoder|projector)(_quantized)?\.onnx$|^prumerge\.json$/;
    for (const path of readdirSync(bare, { recursive: true, encoding: "utf8" }))
      if (own.test(path)) rmSync(join(bare, path));
    const at = ["--model", bare];
    const asked = await runInProcess(["ask", bear, "Where is the bear?", ...at]);
    expect([asked.status, asked.stdout]).toEqual([0, "bottom\n"]);
    expect(asked.stderr).toMatch(
      /Note: .* reduction to 32 tokens baked in[\s\S]*baked: 32 of 576 visual tokens/,
    );
    const { stdout } = await runInProcess(["ask", bear, "Where is the bear?", "--json", ...at]);
    expect(JSON.parse(stdout)).toMatchObject({
      method: "baked",
      methodOptions: { tokens: 32 },
      visualTokens: 32,
      pictures: [{ visualTokens: 32, keptPatches: null }],
    });
    const [drawn, other, compared, described] = await Promise.all([
      runInProcess(["inspect", bear, ...at]),
      runInProcess(["ask", bear, "Where?", "--visual-tokens", "16", ...at]),
      runInProcess(["ask", bear, "Where?", "--compare", ...at]),
      runInProcess(["info", "--json", ...at.slice(1)]),
    ]);
    expect([drawn.status, drawn.stderr]).toEqual([
      2,
      expect.stringMatching(/kept is not known.*\n.*convert/),
    ]);
    expect([other.status, other.stderr]).toEqual([
      2,
      expect.stringMatching(/always gives 32.*found method prumerge\+/),
    ]);
    expect([compared.status, compared.stderr]).toEqual([2, expect.stringContaining("found method none")]);
    expect(JSON.parse(described.stdout)).toMatchObject({
      form: "transformers.js",
      bakedTokens: 32,
      methods: { baked: "in-graph", "prumerge+": "no", none: "no" },
    });
  });

  it("describes the bundled model and checkpoints for people", async () => {
    const [bundled, source] = await Promise.all([runInProcess(["info"]), runInProcess(["info", checkpoint])]);
    expect(bundled.stdout).toMatch(/context +2,048 tokens/);
    expect(bundled.stdout).toMatch(/vision tower +CLIP, 6 layers of width 192/);
    expect(source.stdout).toMatch(/Convert it with:\n {2}prumerge convert /);
    expect([bundled.status, source.status]).toEqual([0, 0]);
  });
});

describe("prumerge chat", () => {
  it("remembers what was said, and obeys its commands", async () => {
    const input =
      "Where is the bear?\n/method prumerge 64\n\nWhat color is the triangle?\n/help\n/quit\nnever asked\n";
    const { status, stdout, stderr } = await prumerge(["chat", bear], { input });
    expect(stdout).toMatch(/^bottom\n\w+\n\/picture FILE /);
    expect(stderr).toBe("Started over. prumerge: 64 of 576 visual tokens.\n");
    expect(status).toBe(0);
  });

  it("changes to a method with the command line's defaults", async () => {
    const { stderr } = await runInProcess(["chat", bear], { input: "/method none\n/method prumerge+\n" });
    expect(stderr).toBe(
      "Started over. none: 576 of 576 visual tokens.\nStarted over. prumerge+: 144 of 576 visual tokens.\n",
    );
  });

  it("takes no picture from where the questions come", async () => {
    const { status, stderr } = await runInProcess(["chat", "-"], { input: readFileSync(bear) });
    expect([status, stderr]).toEqual([2, expect.stringContaining("standard input holds the questions")]);
  });

  it("shows further pictures", async () => {
    const input = `/picture ${join(samples, "sample_1.png")}\nDescribe the image.\n`;
    const { status, stdout, stderr } = await runInProcess(["chat"], { input });
    expect([status, stdout, stderr]).toEqual([
      0,
      expect.stringMatching(/^4 apples, a fish .*\n$/),
      "prumerge+: 144 of 576 visual tokens.\n",
    ]);
  });

  it.each([
    "/bogus",
    "/picture",
    "/picture nowhere.png",
    "/picture -",
    "/method random adaptive",
    "/method prumrge",
    "/method prumerge many",
  ])("fails on %s when nobody is there to correct it", async (line) => {
    const { status, stdout, stderr } = await runInProcess(["chat", bear], { input: `${line}\nDescribe.\n` });
    expect(stderr).toMatch(/^prumerge: .+\n/);
    expect(status).not.toBe(0);
    expect(stdout).toBe("");
  });
});

describe("prumerge", () => {
  it("shows a small table by way of a start", async () => {
    const { status, stdout, stderr } = await prumerge(["demo"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^unreduced +576 +\S+ m?s +bottom$/m);
    expect(stdout).toMatch(/^prumerge\+ +144 +\S+ m?s +\S/m);
    expect(stdout).toMatch(/^prumerge +\d+ +\S+ m?s +\S/m);
  });

  it("tells its version, its help with exit statuses, and that of every command with examples", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    expect(await prumerge(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    const help = await prumerge(["--help"]);
    expect(help.stdout).toContain(
      "Exit status: 0 success, 1 failure, 2 a mistake on the command line, 130 interrupted.",
    );
    for (const command of ["ask", "chat", "inspect", "encode", "convert", "info"]) {
      const { status, stdout } = await runInProcess([command, "--help"]);
      expect([status, stdout]).toEqual([0, expect.stringContaining(`$ prumerge ${command}`)]);
    }
  });
});
