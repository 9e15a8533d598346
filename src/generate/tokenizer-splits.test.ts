import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createTokenizer } from "./tokenizer.js";

const path = new URL("../../test/fixtures/tokenizers/splits.json", import.meta.url);
const { texts, cases } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly texts: readonly string[];
  readonly cases: readonly {
    readonly name: string;
    readonly tokenizer: Readonly<Record<string, unknown>>;
    readonly ids: readonly (readonly number[])[];
  }[];
};

const refused: readonly string[] = ["punctuation, with what is before", "words apart"];

it.each(
  cases.map((one) => [one.name, one] as const),
)("splits as the tokenizers library, or refuses: %s", (name, { tokenizer, ids }) => {
  const make = () => createTokenizer(tokenizer, {}, "tokenizer.json");
  if (refused.includes(name)) {
    expect(make).toThrow(expect.objectContaining({ code: "UNSUPPORTED_MODEL" }));
    return;
  }
  const made = make();
  expect(texts.map((text) => made.encode(text).ids)).toEqual(ids);
});
