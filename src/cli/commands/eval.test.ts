import { describe, expect, it } from "vitest";
import { methods } from "../../reduce/index.js";
import { askCommand } from "./ask.js";
import { evalCommand } from "./eval.js";

describe("help", () => {
  it.each([
    ["eval", evalCommand],
    ["ask", askCommand],
  ])("of %s names every method", (_, make) => {
    let text = "";
    make()
      .configureOutput({ writeOut: (part) => (text += part) })
      .outputHelp();
    const words = new Set(text.split(/[\s,.]+/));
    expect(methods.filter(({ name }) => !words.has(name))).toEqual([]);
  });
});
