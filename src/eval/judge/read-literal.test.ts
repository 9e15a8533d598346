import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { literalJson } from "./literal-json.js";
import { readLiteral } from "./read-literal.js";

interface Recorded {
  readonly text: string;
  readonly literal: boolean;
  readonly json: boolean;
  readonly value?: unknown;
}

const recorded: readonly Recorded[] = JSON.parse(
  readFileSync(
    fileURLToPath(new URL("../../../test/fixtures/eval/literals/literals.json", import.meta.url)),
    "utf8",
  ),
);

describe("a literal of Python", () => {
  it("is what literal_eval takes, and reads back from JSON as there", () => {
    expect(recorded.length).toBeGreaterThan(200);
    const ours = recorded.map(({ text, value }) => {
      const literal = readLiteral(text);
      const json = literal && literalJson(literal);
      const read = typeof json === "number" && !Number.isFinite(json) ? constant(json) : json;
      const written = json === undefined ? {} : { value: value === "deep" ? value : read };
      return { text, literal: literal !== undefined, json: json !== undefined, ...written };
    });
    expect(ours.filter((one, at) => JSON.stringify(one) !== JSON.stringify(recorded[at]))).toEqual([]);
  });

  it("was recorded of every kind", () => {
    const kinds = new Set(recorded.map(({ text }) => readLiteral(text)?.kind));
    expect(kinds.size).toBe(13); // twelve kinds, and none
  });

  it("is refused where it is longer than any answer, in no time", () => {
    const began = performance.now();
    expect(readLiteral(`[${"1,".repeat(10 ** 6)}]`)).toBeUndefined();
    expect(readLiteral("[".repeat(60000))).toBeUndefined();
    expect(readLiteral("-".repeat(60000))).toBeUndefined();
    expect(readLiteral(`'${"\\".repeat(60000)}`)).toBeUndefined();
    expect(readLiteral(`${"'a' ".repeat(16000)}`)).toMatchObject({ kind: "str" });
    expect(readLiteral(`[${"1,".repeat(30000)}]`)).toMatchObject({ kind: "list" });
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

function constant(value: number): string {
  return `constant ${value}`;
}
