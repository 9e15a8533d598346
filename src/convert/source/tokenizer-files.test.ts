import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { readTokenizerFiles } from "./tokenizer-files.js";

it("does not read a tokenizer.model of absurd size", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "tokenizer.model");
  writeFileSync(path, "");
  truncateSync(path, 64 * 2 ** 20 + 1);
  const error = await refusal("LIMIT_EXCEEDED", () => readTokenizerFiles(folder, "original"));
  expect(error.message).toMatch(/tokenizer\.model: .*at most 67108864 bytes, found 67108865 bytes/);
});
