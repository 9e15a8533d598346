import { copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "prumerge";
import { afterAll, describe, expect, it } from "vitest";
import { samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const photo = fileURLToPath(new URL("../fixtures/image/orientation-1.jpg", import.meta.url));
const bear = join(samples, "sample_3.png");
const bundled = dirname(samples);
const folder = mkdtempSync(join(tmpdir(), "prumerge-unnamed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One line that says what answered, what it knows, and what to do. */
const note =
  /^Note: No model was named, .*pocket-llava.* drawn scenes .* nothing of photographs.* HuggingFaceTB\/SmolVLM-256M-Instruct .*--model.*$/gm;
const notes = (text: string) => text.match(note)?.length ?? 0;

describe("a command that nobody named a model to", { timeout: 240_000 }, () => {
  it.each([
    ["ask", [photo, "What is it?"]],
    ["ask", ["Who are you?"]],
    ["ask", [photo, bear, "What is it?"]],
    ["ask", [photo, "What is it?", "--compare"]],
    ["inspect", [photo]],
    ["encode", [photo, "-o", join(folder, "tokens.npy")]],
  ])("says once what the bundled one knows: %s %j", async (command, words) => {
    const { status, stdout, stderr } = await runInProcess([command, ...words]);
    expect([status, notes(stderr), notes(stdout)]).toEqual([0, 1, 0]);
  });

  it("says so in a chat, once, before it answers without a picture or about another than the model's own", async () => {
    const chat = async (words: string[], ...lines: string[]) =>
      notes((await runInProcess(["chat", ...words], { input: `${lines.join("\n")}\n` })).stderr);
    expect(await chat([photo], "What is it?", "Where is it?")).toBe(1);
    expect(await chat([], "Who are you?")).toBe(1);
    expect(await chat([], `/picture ${bear}`, "Where is the bear?")).toBe(0);
    expect(await chat([bear], "Where is the bear?", `/picture ${photo}`, "What is it?", "Where is it?")).toBe(
      1,
    );
    expect(await chat(["--quiet", photo], "What is it?")).toBe(0);
  });

  it("says nothing about the model's own samples, or where it was named, or told to be quiet", async () => {
    const copy = join(folder, "bear.png");
    copyFileSync(bear, copy);
    expect(notes((await runInProcess(["ask", copy, "Where is the bear?"])).stderr)).toBe(1);
    const runs = [
      ["ask", bear, "Where is the bear?"],
      ["demo"],
      ["ask", photo, "What is it?", "--model", "pocket-llava"],
      ["inspect", photo, "--model", bundled],
      ["ask", photo, "What is it?", "--quiet"],
    ].map((words) => runInProcess(words));
    for (const { status, stderr } of await Promise.all(runs)) expect([status, notes(stderr)]).toEqual([0, 0]);
  });

  it("has it in the JSON, and standard output holds nothing else", async () => {
    const ask = async (...words: string[]) =>
      JSON.parse((await runInProcess(["ask", ...words, "--json"])).stdout);
    const { model, notes: said } = await ask(photo, "What is it?");
    expect([model, said]).toEqual(["pocket-llava", [expect.stringMatching(/^No model was named, /)]]);
    expect((await ask(photo, "What is it?", "--compare")).notes).toEqual(said);
    expect((await ask(bear, "Where is the bear?")).notes).toEqual([]);
    expect((await ask(photo, "What is it?", "--model", "pocket-llava")).notes).toEqual([]);
  });
});

describe("loadModel", () => {
  it("notes it where no model was named, whatever the model's folder is called", async () => {
    const load = async (name?: string) => {
      const model = await loadModel(name, { worker: false, warm: [] });
      await model.dispose();
      return model;
    };
    const unnamed = await load();
    expect(unnamed.notes).toEqual([unnamed.unnamedNote]);
    expect(unnamed.unnamedNote).toContain(unnamed.world);
    const elsewhere = join(folder, "elsewhere");
    cpSync(bundled, elsewhere, { recursive: true, filter: (path) => !/checkpoint|adapter/.test(path) });
    for (const name of ["pocket-llava", bundled, elsewhere]) {
      const named = await load(name);
      expect([named.notes, named.unnamedNote, named.world]).toEqual([[], undefined, unnamed.world]);
    }
  });
});
