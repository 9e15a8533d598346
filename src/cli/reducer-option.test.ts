import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addReductionOptions, type ReductionOptions } from "./options.js";
import { chosenReducer } from "./reducer-option.js";

function chosen(...words: string[]) {
  const command = addReductionOptions(new Command().exitOverride());
  return chosenReducer(command.parse(words, { from: "user" }).opts<ReductionOptions>());
}

describe("the reducer of a command line", () => {
  it("is the model's own where nothing is said", () => expect(chosen()).toBeUndefined());

  it("has the options that are said, as the library has them", () => {
    const words = ["--method", "cover", "--option", "sizeBias=false", "--option", "relativeReach=0.4"];
    const reducer = chosen(...words, "--visual-tokens", "adaptive")!;
    expect(reducer).toMatchObject({ method: "cover", options: { sizeBias: false, relativeReach: 0.4 } });
    expect(chosen("--option", "sizeBias=true")).toMatchObject({
      method: "prumerge+",
      options: { sizeBias: true },
    });
  });

  it("takes a budget that is spelled as an option, and not two of them", () => {
    expect(chosen("--method", "cover", "--option", "tokens=12")!.budget).toEqual({ kind: "exact", rows: 12 });
    expect(() => chosen("--option", "tokens=12", "--visual-tokens", "16")).toThrow(/one budget/);
  });

  it("refuses options that the method does not have", () => {
    expect(() => chosen("--method", "divprune", "--option", "sizeBais=false")).toThrow(/sizeBais/);
    expect(() => chosen("--option", "sizeBias")).toThrow(/NAME=VALUE/);
  });
});
