import { expect, it } from "vitest";
import { embedQuestion } from "./embed-question.js";
import { questionText } from "./question-text.js";

const asked: (readonly number[])[] = [];
const engine = {
  async embed(ids: readonly number[]) {
    asked.push(ids);
    return { rows: ids.length, columns: 1, data: Float32Array.from(ids) };
  },
};
const tokenizer = {
  // A word is its length; 9 is the place of a picture, 1 what begins a text.
  encode: (text: string, { add_special_tokens: adds }: { add_special_tokens: boolean }) => ({
    ids: [...(adds ? [1] : []), ...text.split(" ").flatMap((word) => (word === "" ? [] : [word.length]))],
  }),
};
const prompts = { tokenizer, imageTokenId: 9 } as never;

it("embeds a question's words, without special tokens and places of pictures", async () => {
  const { text, words } = await embedQuestion(engine, prompts, " <picture> who is there ", "x");
  expect(text).toBe(" <picture> who is there ");
  expect(asked).toEqual([[3, 2, 5]]);
  expect([...words.data]).toEqual([3, 2, 5]);
});

it("embeds all that a prompt says but its pictures' places and the markers beside them", async () => {
  asked.length = 0;
  // 7 and 8 are special; 7 is a picture's marker where it stands beside one.
  const special = { get_added_tokens_decoder: () => [7, 8, 9].map((id) => [id, { special: true }]) };
  const own = { tokenizer: { ...tokenizer, ...special }, imageTokenId: 9, bosToken: "b" } as never;
  const prompt = "<<<>>>> USER <<<>>>> <picture> <<<>>>> <<eos>> who is <<<<>>>> <<<>>>>";
  const widths = prompt.split(" ").map(({ length }) => length);
  expect(widths).toEqual([7, 4, 7, 9, 7, 7, 3, 2, 8, 7]);
  expect((await embedQuestion(engine, own, { prompt }, "x")).text).toBe(prompt);
  expect(asked).toEqual([[1, 7, 4, 7, 3, 2, 8, 7]]);
  await embedQuestion(engine, own, { prompt: "b USER" }, "x");
  expect(asked[1]).toEqual([1, 4]); // begins with the token that begins texts: the tokenizer adds none
});

it.each([
  undefined,
  "",
  "  ",
  "<picture>",
  7,
  {},
  { prompt: 7 },
  null,
])("refuses %o, naming the method", async (question) => {
  await expect(embedQuestion(engine, prompts, question, "cdpruner")).rejects.toThrow(
    expect.objectContaining({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/^cdpruner: this method reads the question.*question \}\), found/),
    }),
  );
});

it("takes what is asked last", () => {
  expect(questionText("What?")).toBe("What?");
  expect(questionText({ prompt: "USER: What? ASSISTANT:" })).toBeUndefined();
  expect(
    questionText([
      { role: "user", content: "What?" },
      { role: "assistant", content: "A bear." },
      {
        role: "user",
        content: [{ type: "image" }, { type: "text", text: "And" }, { type: "text", text: "here?" }],
      },
    ]),
  ).toBe("And\nhere?");
  expect(questionText([{ role: "user", content: "What?" }])).toBe("What?");
  expect(questionText([{ role: "user", content: [{ type: "image" }] }])).toBe("");
});
