import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { readChatTemplate } from "./chat-template.js";
import { readImageProcessor } from "./image-processor.js";
import type { Json } from "./json-file.js";

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, unknown>>;
  readonly template?: string;
  readonly mean?: readonly number[];
  readonly error?: string;
}
const path = new URL("../../../test/fixtures/small-files/precedence.json", import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(path, "utf8")).cases;

function write(files: Case["files"]): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}
const tokenizerConfig = ({ files }: Case) => (files["tokenizer_config.json"] ?? {}) as Json;

describe("a folder's small files, as transformers takes them", () => {
  it.each(
    cases.filter(({ template }) => template !== undefined).map((one) => [one.name, one] as const),
  )("chat template: %s", async (_, one) => {
    expect(await readChatTemplate(write(one.files), tokenizerConfig(one))).toBe(one.template);
  });

  it.each(
    cases.filter(({ mean }) => mean !== undefined).map((one) => [one.name, one] as const),
  )("image processor: %s", async (_, one) => {
    expect((await readImageProcessor(write(one.files))).image_mean).toEqual(one.mean);
  });

  it.each([
    ["neither", "NOT_FOUND"],
    ["feature_extractor alone", "NOT_FOUND"],
    ["image_processor that is no object", "INVALID_FILE"],
  ] as const)("image processor refused: %s", async (name, code) => {
    const one = cases.find((found) => found.name === name)!;
    expect(one.error).toBeDefined();
    await refusal(code, () => readImageProcessor(write(one.files)));
  });

  it.each(
    cases
      .filter(({ error }) => error?.includes("multiple chat templates"))
      .map((one) => [one.name, one] as const),
  )("chat template refused: %s", async (_, one) => {
    const error = await refusal("INVALID_FILE", () => readChatTemplate(write(one.files), {}));
    expect(error.message).toMatch(/one named default, found templates named rag/);
  });
});

describe("beyond what transformers' processors take", () => {
  const named = [
    { name: "rag", template: "R" },
    { name: "default", template: "D" },
  ];

  it("the tokenizer's own template, and lists wherever maps are", async () => {
    expect(await readChatTemplate(write({}), { chat_template: named })).toBe("D");
    expect(await readChatTemplate(write({ "chat_template.json": { chat_template: named } }), {})).toBe("D");
    expect(await readChatTemplate(write({ "processor_config.json": { chat_template: named } }), {})).toBe(
      "D",
    );
  });

  it("passes over what holds no template", async () => {
    const empty = { "chat_template.json": { chat_template: null }, "chat_template.jinja": "" };
    expect(await readChatTemplate(write(empty), { chat_template: "T" })).toBe("T");
    expect(await readChatTemplate(write(empty), {})).toBeUndefined();
  });

  it("refuses what is no template", async () => {
    for (const chat_template of [7, [null], [{ name: "default" }], {}]) {
      await refusal("INVALID_FILE", () => readChatTemplate(write({}), { chat_template }));
    }
  });
});

describe("notes", () => {
  const notes = async (read: (note: (sentence: string) => void) => Promise<unknown>) => {
    const found: string[] = [];
    await read((sentence) => found.push(sentence));
    return found;
  };

  it("name the chat templates that do not count, where they differ", async () => {
    const folder = write({ "chat_template.json": { chat_template: "A" }, "chat_template.jinja": "B\n" });
    expect(await notes((note) => readChatTemplate(folder, { chat_template: "A" }, note))).toEqual([
      "The chat template is that of chat_template.json; chat_template.jinja would give another.",
    ]);
    expect(
      await notes((note) =>
        readChatTemplate(write({ "chat_template.jinja": "A\n" }), { chat_template: "A" }, note),
      ),
    ).toEqual([]);
  });

  it("name a preprocessor_config.json that does not count, where it means something else", async () => {
    const clip = { image_processor_type: "CLIPImageProcessor", crop_size: 112, size: { shortest_edge: 112 } };
    const folder = (image_processor: Json) =>
      write({ "processor_config.json": { image_processor }, "preprocessor_config.json": clip });
    const same = { ...clip, do_convert_rgb: true, crop_size: { height: 112, width: 112 } };
    expect(await notes((note) => readImageProcessor(folder(same), note))).toEqual([]);
    expect(
      await notes((note) => readImageProcessor(folder({ ...clip, image_mean: [0.5, 0.5, 0.5] }), note)),
    ).toEqual([
      "Pictures are prepared as image_processor of processor_config.json says; preprocessor_config.json differs.",
    ]);
  });
});
