import { expect, it } from "vitest";
import { checkRevision, isHubId, parseHubId } from "./hub-id.js";

it("takes ids apart", () => {
  expect(parseHubId("llava-hf/llava-1.5-7b-hf")).toEqual({ name: "llava-hf/llava-1.5-7b-hf" });
  expect(parseHubId("a/b_c@refs/pr/12")).toEqual({ name: "a/b_c", revision: "refs/pr/12" });
});

it.each([
  "gpt2",
  "a/b/c",
  "../a",
  "a/..",
  "./a",
  "/a/b",
  "a/b@",
  "a/b@../x",
  "a/b@/x",
  "a/-b",
  "a--b/c",
  "a/b c",
  "",
  "a/b@x//y",
])("knows that %j is none", (text) => {
  expect(isHubId(text)).toBe(false);
  expect(() => parseHubId(text)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
});

it("refuses revisions that would be files elsewhere", () => {
  for (const bad of ["..", "a/../b", ".hidden", "a\\b", "a b", "x".repeat(300)]) {
    expect(() => checkRevision(bad)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  }
});
