import { describe, expect, it } from "vitest";
import { newTokenLimit } from "./context.js";

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string };
  }
  return undefined;
};

describe("the number of new tokens", () => {
  it("never runs past the context by default, whatever other limits leave", () => {
    expect(newTokenLimit(undefined, undefined, 90, 100)).toBe(10);
    expect(newTokenLimit(undefined, undefined, 90, 100, { newTokens: 50 })).toBe(10);
    expect(newTokenLimit(undefined, 20, 90, 100, { newTokens: 50 })).toBe(10);
    expect(newTokenLimit(undefined, 20, 99, 100, { promptTokens: 99, newTokens: 1 })).toBe(1);
    expect(refusal(() => newTokenLimit(undefined, 20, 100, 100))?.message).toMatch(
      /at most 100 tokens, found 100 of the prompt and 1 of the answer/,
    );
  });

  it("is the caller's, else the model's, as far as the context has room", () => {
    expect(newTokenLimit(7, 20, 90, 100)).toBe(7);
    expect(newTokenLimit(undefined, 20, 70, 100)).toBe(20);
    expect(newTokenLimit(undefined, 20, 90, 100)).toBe(10);
    expect(newTokenLimit(undefined, undefined, 0, 4096)).toBe(512);
    expect(refusal(() => newTokenLimit(11, 20, 90, 100))).toMatchObject({
      code: "CONTEXT_EXCEEDED",
      message: expect.stringContaining("at most 10 new tokens"),
    });
    expect(refusal(() => newTokenLimit(2, 20, 99, 100))?.message).toMatch(/at most 1 new tokens/);
    for (const prompt of [100, 101])
      expect(refusal(() => newTokenLimit(2, 20, prompt, 100))?.message).toMatch(/Shorten the question/);
  });

  it.each([0, -1, 1.5, Number.NaN])("is refused by name: %f", (asked) => {
    expect(refusal(() => newTokenLimit(asked, 20, 90, 100))).toMatchObject({
      code: "INVALID_OPTION",
      message: `maxNewTokens: out of range; expected a whole number, 1 or more, found ${asked}`,
    });
  });

  it("stays below the limits of whoever answers", () => {
    const limits = { promptTokens: 90, newTokens: 8 };
    expect(newTokenLimit(undefined, 20, 90, 200, limits)).toBe(8);
    expect(newTokenLimit(8, 20, 90, 200, limits)).toBe(8);
    expect(newTokenLimit(undefined, 20, 90, 200)).toBe(20); // no limit, none but the room
    expect(refusal(() => newTokenLimit(9, 20, 90, 200, limits))?.message).toMatch(
      /answer.*at most 8, found 9/,
    );
    expect(refusal(() => newTokenLimit(9, 20, 90, 200, limits))?.code).toBe("LIMIT_EXCEEDED");
    expect(refusal(() => newTokenLimit(1, 20, 91, 200, limits))?.message).toMatch(
      /prompt.*at most 90, found 91/,
    );
  });
});
