import { describe, expect, it } from "vitest";
import { tokenizerCases } from "../../test/support/tokenizer-cases.js";
import { namedTokens } from "../models/files/named-tokens.js";
import { repairTokenizer } from "../models/files/repair-tokenizer.js";
import { mergeTokenFiles } from "../models/files/token-files.js";
import { TokenStream } from "./token-stream.js";
import { createTokenizer } from "./tokenizer.js";

describe("createTokenizer, as transformers loads it", () => {
  it.each(tokenizerCases().map((one) => [one.name, one] as const))("%s", (_, one) => {
    const { special_tokens_map, added_tokens } = one.files;
    const files = {
      ...(special_tokens_map && { specialTokensMap: special_tokens_map }),
      ...(added_tokens && { addedTokens: added_tokens }),
    };
    const config = mergeTokenFiles(one.config, files, one.tokenizer, "x");
    const tokenizer = createTokenizer(one.tokenizer, config, "x/tokenizer.json");
    const ids = one.texts.map(({ text }) => tokenizer.encode(text, { add_special_tokens: true }).ids);
    expect(ids).toEqual(one.texts.map((text) => text.ids));
    const added = [...tokenizer.get_added_tokens_decoder()];
    expect(Object.fromEntries(added.map(([id, { content }]) => [id, content]))).toEqual(one.added);
    const special = added.filter(([, token]) => token.special).map(([id]) => id);
    if (one.special !== null) expect(special).toEqual(one.special);
    expect(namedTokens(config)).toEqual(one.named);
    for (const { ids, decoded } of one.texts) {
      const stream = new TokenStream(tokenizer);
      const text = ids.map((id) => stream.push(id)).join("") + stream.flush();
      if (decoded !== null) expect(text).toBe(decoded);
    }
    // What was repaired once stays as it is.
    const repaired = repairTokenizer(one.tokenizer, config, "x");
    expect(repairTokenizer(repaired, config, "x")).toEqual(repaired);
  });
});
