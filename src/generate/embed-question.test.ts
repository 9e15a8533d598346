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

it.each([undefined, "", "  ", "<picture>", 7, {}])("refuses %o, naming the method", async (question) => {
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
