import { describe, expect, it } from "vitest";
import { beginsWith } from "./prompt.js";

describe("the beginning of a prompt", () => {
  it.each([
    ["<s>USER: hello", "<s>", true],
    ["USER: <s>", "<s>", false],
    ["USER: hello", undefined, false],
    ["USER: hello", "", false],
  ])("of %j with the token %j: %s", (text, token, expected) => {
    expect(beginsWith(text, token)).toBe(expected);
  });
});
