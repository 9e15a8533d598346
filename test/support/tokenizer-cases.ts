import { readFileSync } from "node:fs";

type Json = Readonly<Record<string, unknown>>;

/** One tokenizer as a folder holds it, and what transformers makes of it; test/fixtures/tokenizers/make.py. */
export interface TokenizerCase {
  readonly name: string;
  readonly tokenizer: Json;
  readonly config: Json;
  readonly files: { readonly special_tokens_map?: Json; readonly added_tokens?: Json };
  readonly texts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly decoded: string | null;
  }[];
  /** Added tokens by id. */
  readonly added: Readonly<Record<string, string>>;
  /** Ids that leave no text in an answer; null where the tokenizers library has a fault of its own. */
  readonly special: readonly number[] | null;
  readonly named: Readonly<Record<string, string>>;
}

/** A folder with goldens/lora/lora-a's tokenizer.model, and what transformers makes of it. */
export type ModelCase = Pick<TokenizerCase, "name" | "config" | "files" | "added"> & {
  readonly texts: readonly { readonly text: string; readonly ids: readonly number[] }[];
};

export function modelCases(): ModelCase[] {
  return read().models;
}

export function tokenizerCases(): TokenizerCase[] {
  const { tokenizers, cases } = read();
  return cases.map((one: { base: string; tokenizer?: Json; config: Json | null }) => ({
    ...one,
    tokenizer: { ...tokenizers[one.base], ...one.tokenizer },
    config: one.config ?? {},
  }));
}

function read() {
  return JSON.parse(readFileSync(new URL("../fixtures/tokenizers/cases.json", import.meta.url), "utf8"));
}
