import { describe, expect, it } from "vitest";
import { costCommand } from "./cost.js";

describe("the options of prumerge cost", () => {
  it.each([
    [["--paper", "--plot", "x.svg"], /^--plot: this has no effect beside --paper/],
    [["--paper", "--dtype", "fp16"], /^--dtype: /],
    [["--list-hardware", "--model", "nosuch"], /^--model: this has no effect beside --list-hardware/],
    [["--list-hardware", "--attention", "fused"], /^--attention: /],
    [["--list-hardware", "--paper"], /^--paper: /],
  ])("refuses %j", (words, message) => {
    expect(() => costCommand().parse(words, { from: "user" })).toThrow(message);
  });
});
