import { describe, expect, it } from "vitest";
import { placePictures } from "./messages.js";

const image = { type: "image" } as const;
const text = (words: string) => ({ type: "text", text: words }) as const;

describe("placePictures", () => {
  it("puts pictures before the text of a question", () => {
    expect(placePictures("what?", 2, "<image>")).toEqual({
      messages: [{ role: "user", content: [image, image, text("what?")] }],
      placesInText: false,
    });
  });

  it("leaves pictures where the question places them", () => {
    const question = "left <image> or right <image>?";
    const messages = [{ role: "user", content: [text(question)] }];
    expect(placePictures(question, 2, "<image>")).toEqual({ messages, placesInText: true });
    expect(placePictures(question, 0, "<image>")).toEqual({ messages, placesInText: false });
  });

  it("gives them to the first message of the user", () => {
    const placed = placePictures(
      [
        { role: "system", content: "Be brief." },
        { role: "user", content: "what?" },
        { role: "assistant", content: "a cat" },
        { role: "user", content: [text("where?")] },
      ],
      1,
      "<image>",
    );
    expect(placed.placesInText).toBe(false);
    expect(
      placed.messages.map(({ role, content }) => [role, content.map(({ type }) => type).join(" ")]),
    ).toEqual([
      ["system", "text"],
      ["user", "image text"],
      ["assistant", "text"],
      ["user", "text"],
    ]);
  });

  it("leaves conversations that place their pictures themselves, and those without", () => {
    const messages = [
      { role: "user", content: [text("before"), image] },
      { role: "assistant", content: [text("a cat")] },
      { role: "user", content: [image, text("and now?")] },
    ] as const;
    expect(placePictures(messages, 2, "<image>")).toEqual({ messages, placesInText: false });
    expect(placePictures("hello", 0, "<image>")).toEqual({
      messages: [{ role: "user", content: [text("hello")] }],
      placesInText: false,
    });
  });

  it("takes image tokens for text beside image parts, and in answers", () => {
    const parted = [{ role: "user", content: [image, text("is <image> a word?")] }] as const;
    expect(placePictures(parted, 1, "<image>")).toEqual({ messages: parted, placesInText: false });
    const answered = placePictures(
      [
        { role: "user", content: "what?" },
        { role: "assistant", content: "<image>" },
        { role: "user", content: "why?" },
      ],
      1,
      "<image>",
    );
    expect(answered.placesInText).toBe(false);
    expect(answered.messages[0]!.content).toEqual([image, text("what?")]);
  });

  it("finds an image token in any message of the user, and any part of it", () => {
    const messages = [
      { role: "user", content: "hello" },
      { role: "assistant", content: "hi" },
      { role: "user", content: [text("what is"), text("<image>"), text("here?")] },
    ] as const;
    expect(placePictures(messages, 1, "<image>").placesInText).toBe(true);
    expect(placePictures(messages.slice(2), 1, "<image>").placesInText).toBe(true);
  });

  it.each([
    [[], "no message"],
    [[{ role: "assistant", content: "hi" } as const], "a last message from assistant"],
  ])("refuses conversations without a question: %j", (messages, found) => {
    expect(() => placePictures(messages, 0, "<image>")).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringMatching(`^messages: .*found ${found}$`),
      }),
    );
  });
});
