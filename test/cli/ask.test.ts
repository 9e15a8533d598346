import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { prumerge, samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-ask-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const apples = join(samples, "sample_1.png");
const bear = join(samples, "sample_3.png");

const count = z.int().nonnegative();
const time = z.number().nonnegative();
const report = z.strictObject({
  method: z.string(),
  budget: z.string().nullable(),
  methodOptions: z.record(z.string(), z.unknown()),
  answer: z.string(),
  finishReason: z.enum(["stop", "length"]),
  tokenIds: z.array(count),
  seed: count.nullable(),
  unreducedTokens: count,
  visualTokens: count,
  promptTokens: count,
  pictures: z.array(z.strictObject({ visualTokens: count, keptPatches: z.array(count) })),
  encodeMilliseconds: time,
  prefillMilliseconds: time,
  firstTokenMilliseconds: time,
  perTokenMilliseconds: time.nullable(),
  totalMilliseconds: time,
  keyValueBytes: count,
});
const question = {
  model: z.string(),
  notes: z.array(z.string()),
  paths: z.array(z.string()),
  question: z.string(),
};
const single = report.extend(question).strict();
const compared = report.extend({ ...question, unreduced: report }).strict();

describe("prumerge ask", () => {
  it("prints the answer alone on standard output, and what it took on standard error", async () => {
    const { status, stdout, stderr } = await prumerge(["ask", apples, "Where is the fish?"]);
    expect(stdout).toBe("bottom right\n");
    expect(stderr).toMatch(/^prumerge\+: 144 of 576 visual tokens; first token after .+; 2 tokens.*\n$/);
    expect(status).toBe(0);
  });

  it("says nothing else with --quiet", async () => {
    const words = ["ask", apples, "What color is the word?", "--quiet", "--method", "none"];
    expect(await runInProcess(words)).toEqual({ status: 0, stdout: "red\n", stderr: "" });
  });

  it.each([
    ["64", 64],
    ["adaptive:100", 100],
  ])("keeps to --visual-tokens %s", async (visualTokens, expected) => {
    const words = [
      "ask",
      apples,
      "In which part of the image is the fish?",
      "--visual-tokens",
      visualTokens,
      "--json",
    ];
    const found = single.parse(JSON.parse((await runInProcess(words)).stdout));
    expect(found).toMatchObject({
      visualTokens: expected,
      answer: "bottom right",
    });
  });

  it("puts kept rows where their patches stood, and says so", async () => {
    const words = ["ask", apples, "Where is the fish?", "--visual-tokens", "64", "--positions", "original"];
    const [text, json] = await Promise.all([runInProcess(words), runInProcess([...words, "--json"])]);
    expect([text.status, text.stdout]).toEqual([0, "bottom right\n"]);
    expect(text.stderr).toMatch(/^prumerge\+: 64 of 576 visual tokens, at their original positions; /);
    expect(JSON.parse(json.stdout)).toMatchObject({ positions: "original", answer: "bottom right" });
  });

  it("prints exactly one JSON object", async () => {
    const { status, stdout, stderr } = await runInProcess([
      "ask",
      apples,
      bear,
      "What is different?",
      "--json",
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    const found = single.parse(JSON.parse(stdout));
    expect(found.paths).toEqual([apples, bear]);
    expect(found.pictures.map((picture) => picture.visualTokens)).toEqual([144, 144]);
    expect(found).toMatchObject({ model: "pocket-llava", visualTokens: 288, unreducedTokens: 1152 });
    // Keys and values of 4 layers of 4 heads of 64 numbers of 4 bytes.
    expect(found.keyValueBytes).toBe(found.promptTokens * 2 * 4 * 4 * 64 * 4);
  });

  it("compares with the unreduced model, as a table and as JSON", async () => {
    const words = ["ask", apples, "Where is the fish?", "--compare"];
    const [table, json] = await Promise.all([runInProcess(words), runInProcess([...words, "--json"])]);
    expect([table.status, table.stderr, json.status, json.stderr]).toEqual([0, "", 0, ""]);
    for (const row of [
      "visual tokens",
      "time to first token",
      "encoding",
      "prompt",
      "time per token",
      "total",
      "key/value bytes",
    ]) {
      expect(table.stdout).toMatch(new RegExp(`^${row} +\\S.*\\d`, "m"));
    }
    expect(table.stdout).toMatch(/^visual tokens +576 +144 +4\.0x$/m);
    const found = compared.parse(JSON.parse(json.stdout));
    expect(found.unreduced.visualTokens).toBe(576);
    expect(found.unreduced.keyValueBytes - found.keyValueBytes).toBe((576 - 144) * 8192);
    expect(table.stdout).toContain(found.keyValueBytes.toLocaleString("en-US"));
    expect([found.answer, found.unreduced.answer]).toEqual(["bottom right", "bottom right"]);
  });

  it("reads the picture from standard input", async () => {
    const words = ["ask", "-", "Where is the bear?", "--quiet"];
    expect(await prumerge(words, { input: readFileSync(bear) })).toMatchObject({
      status: 0,
      stdout: "bottom\n",
    });
  });

  it("answers without a picture", async () => {
    const { status, stdout } = await runInProcess(["ask", "Is there a cat in the image?", "--json"]);
    const found = single.parse(JSON.parse(stdout));
    expect(found).toMatchObject({ pictures: [], visualTokens: 0, unreducedTokens: 0 });
    expect(status).toBe(0);
  });

  it("repeats what is drawn at random for the same seed", async () => {
    const words = [
      "ask",
      apples,
      "Describe the image.",
      "--temperature",
      "2.5",
      "--json",
      "--max-new-tokens",
      "12",
    ];
    const [first, again, other] = await Promise.all(
      ["7", "7", "8"].map(async (seed) =>
        single.parse(JSON.parse((await runInProcess([...words, "--seed", seed])).stdout)),
      ),
    );
    expect(first!.seed).toBe(7);
    expect(again!.tokenIds).toEqual(first!.tokenIds);
    expect(other!.tokenIds).not.toEqual(first!.tokenIds);
  });

  it("takes a square from the picture as asked", async () => {
    const wide = join(folder, "wide.png");
    const blank = { width: 400, height: 200, channels: 3, background: "#dd2222" } as const;
    await sharp({ create: blank }).png().toFile(wide);
    const words = ["ask", wide, "Describe the image.", "--json", "--visual-tokens", "20", "--image-aspect"];
    const [crop, pad] = await Promise.all(
      ["crop", "pad"].map(async (how) =>
        single.parse(JSON.parse((await runInProcess([...words, how])).stdout)),
      ),
    );
    expect(crop!.pictures[0]!.keptPatches).not.toEqual(pad!.pictures[0]!.keptPatches);
  });

  it.each([
    ["before it says anything", (program: ChildProcess) => void program.stdout!.destroy()],
    [
      "in the middle of an answer",
      (program: ChildProcess) => void program.stdout!.once("data", () => program.stdout!.destroy()),
    ],
  ])("ends quietly when its reader leaves %s", async (_, disturb) => {
    // An answer that ends by itself only after every token that it may have: there is a run under way when its reader leaves.
    const endless = "--temperature 50 --seed 4 --max-new-tokens 1700".split(" ");
    const { status, stderr } = await prumerge(["ask", apples, "Describe", "--quiet", ...endless], {
      disturb,
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});
