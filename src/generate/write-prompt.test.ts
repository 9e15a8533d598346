import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ChatTemplate } from "./chat-template.js";
import { literalTokenizer } from "./literal-tokenizer.js";
import { type ChatMessage, placePictures } from "./messages.js";
import { type PromptTokenizer, splice } from "./prompt.js";
import { createTokenizer } from "./tokenizer.js";
import { saysToken, writeConversation } from "./write-prompt.js";

const root = new URL("../../", import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, root), "utf8"));

interface Case {
  readonly folder: string;
  readonly text: string;
  readonly ids: number[];
}

/** How the Rust library reads the image token where it is text; recorded by record.py beside the file. */
const cases: Case[] = json("test/fixtures/literal-text/ids.json");

function promptsOf(folder: string): PromptTokenizer {
  const [file, config] = [json(`${folder}/tokenizer.json`), json(`${folder}/tokenizer_config.json`)];
  const { id } = file.added_tokens.find((token: { content: string }) => token.content === "<image>");
  return {
    tokenizer: createTokenizer(file, config, folder),
    bosToken: "<s>",
    imageToken: "<image>",
    imageTokenId: id,
    literal: literalTokenizer(file, config, "<image>", folder),
  };
}

const pocket = promptsOf("models/pocket-llava");
const source = readFileSync(new URL("models/pocket-llava/chat_template.jinja", root), "utf8");
const template = new ChatTemplate(source, {}, "<image>");
const picture = { embeddings: { rows: 1 } } as never;
const image = { type: "image" } as const;
const text = (words: string) => ({ type: "text", text: words }) as const;

/** Ids of a conversation; a picture's place is "picture". */
function idsOf(question: string | ChatMessage[], pictures: number, prompts = pocket, chat = template) {
  const placed = placePictures(question, pictures, "<image>");
  const written = writeConversation(chat, placed, prompts);
  const units = splice(written.text, new Array(pictures).fill(picture), written.prompts);
  return units.map((unit) => (typeof unit === "number" ? unit : "picture"));
}

const literalIds = (words: string) =>
  cases.find(({ folder, text: said }) => folder === "models/pocket-llava" && said === words)!.ids;

describe("an image token that is text", () => {
  it.each(
    cases.map((one) => [one.folder, one.text, one.ids] as const),
  )("%s reads %j as %j", (folder, said, ids) => {
    const prompts = promptsOf(folder);
    const { tokenizer, place } = prompts.literal();
    expect(tokenizer.encode(said, { add_special_tokens: false }).ids).toEqual(ids);
    expect(tokenizer.encode(place, { add_special_tokens: false }).ids).toEqual([prompts.imageTokenId]);
  });

  it("is text for a list of pieces with scores, too", () => {
    const special = ["<unk>", "<image>"];
    const pieces = ["<", ">", "i", "m", "a", "g", "e", "im", "age"];
    const file = {
      model: {
        type: "Unigram",
        unk_id: 0,
        vocab: [...special, ...pieces].map((piece) => [piece, -piece.length]),
      },
      added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
      ...{ normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null },
    };
    const { tokenizer, place } = literalTokenizer(file, {}, "<image>", "unigram")();
    const encode = (words: string) => tokenizer.encode(words, { add_special_tokens: false }).ids;
    expect(encode(`${place}a`)).toEqual([1, 6]);
    expect(
      encode("<image>")
        .map((id) => [...special, ...pieces][id])
        .join(""),
    ).toBe("<image>");
    expect(encode("<image>")).not.toContain(1);
  });

  it("is unknown where a tokenizer knows whole words alone", () => {
    const { tokenizer } = promptsOf("test/fixtures/goldens/llava/tiny-llava-llama").literal();
    expect(tokenizer.encode("<image>", { add_special_tokens: false }).ids).toEqual([0]);
  });

  it("stays text in a message with a picture, and takes no picture's place", () => {
    const ids = idsOf([{ role: "user", content: [image, text("what does <image> mean?")] }], 1);
    const places = ids.filter((id) => id === "picture");
    expect(places).toHaveLength(1);
    expect(ids).not.toContain(4);
    const [before, after] = [ids.slice(0, ids.indexOf("picture")), ids.slice(ids.indexOf("picture") + 1)];
    const plain = idsOf([{ role: "user", content: [image, text("what?")] }], 1);
    expect(plain.slice(0, plain.indexOf("picture"))).toEqual(before);
    const said = literalIds("what does <image> mean?");
    expect(after.slice(1, 1 + said.length)).toEqual(said); // the template writes a line's end first
  });

  it.each<[string, string | ChatMessage[], number]>([
    ["no picture", "what does <image> mean?", 0],
    [
      "the answer before",
      [
        { role: "user", content: [image, text("what?")] },
        { role: "assistant", content: "an <image> <image>" },
        { role: "user", content: "why?" },
      ],
      1,
    ],
    [
      "the system's message",
      [
        { role: "system", content: "<image>" },
        { role: "user", content: [image, image, text("what?")] },
      ],
      2,
    ],
    ["a text that ends within it", [{ role: "user", content: [image, text("<im"), text("age>")] }], 1],
    ["a longer text", [{ role: "user", content: [image, text("say <im"), text("age>")] }], 1],
    ["a text on both sides of a picture", [{ role: "user", content: [text("<im"), image, text("age>")] }], 1],
    [
      "an answer, where the question places its picture",
      [
        { role: "user", content: "<image>\nwhat?" },
        { role: "assistant", content: "an <image>" },
        { role: "user", content: "why?" },
      ],
      1,
    ],
    ["many", [{ role: "user", content: [text("<image>".repeat(50)), image] }], 1],
    [
      "an answer, without image parts",
      [
        { role: "user", content: "what?" },
        { role: "assistant", content: "<image>" },
        { role: "user", content: "why?" },
      ],
      1,
    ],
  ])("stays text: %s", (_name, question, pictures) => {
    const ids = idsOf(question, pictures);
    expect(ids.filter((id) => id === "picture")).toHaveLength(pictures);
    expect(ids).not.toContain(4);
    const said = literalIds("<image>").join();
    expect(ids.join()).toContain(said);
  });

  it("stays text where the template flattens contents, or trims them", () => {
    const chats = [
      "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }} {% endfor %}",
      "{% for m in messages %}{% for c in m['content'] %}{{ '<image>' if c['type'] == 'image' else c['text'] | trim }}{% endfor %}{% endfor %}",
    ];
    for (const chat of chats) {
      const ids = idsOf(
        [{ role: "user", content: [image, text("  <image>  ")] }],
        1,
        pocket,
        new ChatTemplate(chat, {}, "<image>"),
      );
      expect(ids.filter((id) => id === "picture")).toHaveLength(1);
      expect(ids.join()).toContain(literalIds("<image>").join());
    }
  });

  it("is a picture's place in a question without image parts, LLaVA's habit", () => {
    const ids = idsOf("<image>\nWhere is it?", 1);
    expect(ids.filter((id) => id === "picture")).toHaveLength(1);
    const asked = literalIds("<image>\nWhere is it?").slice(literalIds("<image>").length);
    expect(ids.slice(ids.indexOf("picture") + 1, ids.indexOf("picture") + 1 + asked.length)).toEqual(asked);
    expect(() => idsOf("<image> or <image>?", 1)).toThrow(/1 times <image>, found 2/);
  });

  it("is said by a text or across texts, in any case", () => {
    const says = (content: ChatMessage["content"]) => saysToken({ content }, "<image>");
    expect([says("an <image>"), says("<IMAGE>"), says([text("<im"), image, text("age>")])]).toEqual([
      true,
      true,
      true,
    ]);
    expect([says("an image"), says([image, text("image")]), says([])]).toEqual([false, false, false]);
  });

  it("cannot be made by normalizers", () => {
    const ids = idsOf([{ role: "user", content: [image, text("\uff1cIMAGE\uff1e")] }], 1);
    expect(ids.filter((id) => id === "picture")).toHaveLength(1);
  });
});
