import { describe, expect, it } from "vitest";
import { chatReducer } from "./chat-reducer.js";
import { chosenReducer } from "./reducer-option.js";

describe("/method", () => {
  it("has the command line's defaults", () => {
    for (const method of ["prumerge+", "prumerge", "none"]) {
      const { options } = chatReducer([method], undefined);
      expect(options).toEqual(chosenReducer({ method })!.options);
    }
    expect(chatReducer(["prumerge+"], undefined).options).toMatchObject({ maxTokens: 144 });
  });

  it("takes a count, the method's own rule, or a cap", () => {
    expect(chatReducer(["prumerge", "64"], undefined).options).toMatchObject({ tokens: 64 });
    expect(chatReducer(["prumerge+", "adaptive:9"], undefined).options).toMatchObject({ maxTokens: 9 });
    expect(chatReducer(["prumerge+", "adaptive"], undefined).options).toEqual(
      chosenReducer({ method: "prumerge+", visualTokens: { kind: "rule" } })!.options,
    );
  });

  it("draws with the chat's seed", () => {
    expect(chatReducer(["random", "5"], 9).options).toMatchObject({ tokens: 5, seed: 9 });
    expect(chatReducer(["random", "5"], undefined).options).toMatchObject({ seed: 0 });
  });

  it.each([
    [
      ["random", "adaptive"],
      /the method random does not take .*expected a count, or a share, found adaptive/,
    ],
    [["prumrge"], /no such method/],
    [["prumerge", "many"], /\/method NAME \[TOKENS\]/],
    [["prumerge", "64", "65"], /\/method NAME \[TOKENS\]/],
    [[], /\/method NAME \[TOKENS\]/],
    [[""], /\/method NAME \[TOKENS\]/],
  ])("refuses %j", (words, message) => expect(() => chatReducer(words, 1)).toThrow(message));
});
