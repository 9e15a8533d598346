import { describe, expect, it } from "vitest";
import { toyPicture } from "../../test/support/toy-prompts.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { Answer } from "./answer.js";
import type { AnswerResult } from "./answer-result.js";
import { Chat } from "./chat.js";
import type { Question } from "./messages.js";

/** Answers that end when they are told to; keeps what was asked. */
function slowModel() {
  const asked: { pictures: readonly VisualTokens[]; question: Question }[] = [];
  const endings: ((result: Partial<AnswerResult>) => void)[] = [];
  const answer = (pictures: readonly VisualTokens[], question: Question): Answer => {
    asked.push({ pictures, question });
    const result = new Promise<AnswerResult>((resolve) =>
      endings.push((part) => resolve({ text: "yes", finishReason: "stop", ...part } as AnswerResult)),
    );
    return { result, [Symbol.asyncIterator]: () => [][Symbol.iterator]() as never };
  };
  return { asked, end: (part: Partial<AnswerResult> = {}) => endings.shift()!(part), answer };
}

const [cat, dog] = [toyPicture(3, 0.5), toyPicture(3, 0.25)];

describe("Chat", () => {
  it("asks with all that was said and shown before", async () => {
    const model = slowModel();
    const chat = new Chat(model.answer, [cat], { system: "Be brief." });
    const first = chat.ask("one?");
    model.end();
    await first.result;
    chat.show(dog);
    chat.ask("two?");
    expect(model.asked[1]).toEqual({
      pictures: [cat, dog],
      question: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "image" }, { type: "text", text: "one?" }] },
        { role: "assistant", content: "yes" },
        { role: "user", content: [{ type: "image" }, { type: "text", text: "two?" }] },
      ],
    });
  });

  it("keeps a picture that is shown while an answer is under way for the next question", async () => {
    const model = slowModel();
    const chat = new Chat(model.answer, [cat], {});
    const first = chat.ask("one?");
    chat.show(dog);
    model.end();
    await first.result;
    chat.ask("two?");
    expect(model.asked.map(({ pictures }) => pictures)).toEqual([[cat], [cat, dog]]);
  });

  it("keeps such a picture in later turns, too, where another was shown before", async () => {
    const model = slowModel();
    const chat = new Chat(model.answer, [cat], {});
    const first = chat.ask("one?");
    model.end();
    await first.result;
    chat.show(dog);
    const second = chat.ask("two?");
    chat.show(cat);
    model.end();
    await second.result;
    chat.ask("three?");
    expect(model.asked.map(({ pictures }) => pictures)).toEqual([[cat], [cat, dog], [cat, dog, cat]]);
  });

  it("forgets a question that was aborted before a word was said, and asks about its picture again", async () => {
    const model = slowModel();
    const chat = new Chat(model.answer, [cat], {});
    const first = chat.ask("one?");
    model.end({ text: "", finishReason: "aborted" });
    await first.result;
    expect(chat.messages).toEqual([]);
    chat.ask("two?");
    expect(model.asked[1]!.pictures).toEqual([cat]);
  });

  it("keeps what was said of an answer that was aborted, and an empty answer that was not", async () => {
    const model = slowModel();
    const chat = new Chat(model.answer, [cat], {});
    for (const part of [{ text: "y", finishReason: "aborted" }, { text: "" }] as const) {
      const answer = chat.ask("what?");
      model.end(part);
      await answer.result;
    }
    expect(chat.messages.map(({ content }) => content)).toEqual([
      [{ type: "image" }, { type: "text", text: "what?" }],
      "y",
      [{ type: "text", text: "what?" }],
      "",
    ]);
    chat.show(dog);
    chat.ask("and now?");
    expect(model.asked.at(-1)!.pictures).toEqual([cat, dog]);
  });

  it("asks with the options of the chat, and those of the question before them", async () => {
    const found: object[] = [];
    const answer = (_: unknown, __: unknown, options: object): Answer => {
      found.push(options);
      return { result: new Promise(() => undefined), [Symbol.asyncIterator]: () => words() };
    };
    async function* words(): AsyncGenerator<string, void, undefined> {
      yield "yes";
    }
    const chat = new Chat(answer, [], { system: "Be brief.", temperature: 1, maxNewTokens: 5 });
    const pieces: string[] = [];
    for await (const text of chat.ask("one?", { maxNewTokens: 7 })) pieces.push(text);
    expect(found).toEqual([{ temperature: 1, maxNewTokens: 7 }]);
    expect(pieces).toEqual(["yes"]);
    expect(chat.messages).toHaveLength(1);
  });
});
