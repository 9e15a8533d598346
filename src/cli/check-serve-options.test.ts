import { describe, expect, it } from "vitest";
import { checkServeOptions } from "./check-serve-options.js";
import { serveCommand } from "./commands/serve.js";

const backend = ["--backend", "http://127.0.0.1:9/v1"];

describe("the options of prumerge serve", () => {
  /** As the command line reads its words, without serving. */
  const check = (words: readonly string[]) =>
    checkServeOptions(
      serveCommand()
        .action(() => undefined)
        .parse(words, { from: "user" })
        .opts(),
    );

  it.each([
    [["--backend-model", "llava"], /^--backend-model: there is no backend/],
    [["--backend-key-file", "key.txt"], /^--backend-key-file: there is no backend/],
    [["--backend-tokens", "64"], /^--backend-tokens: there is no backend/],
    [["--backend-strict"], /^--backend-strict: there is no backend/],
    [[...backend, "--backend-strict", "--visual-tokens", "32"], /^--visual-tokens: .*expected 64.*found 32/],
    [
      [...backend, "--backend-strict", "--visual-tokens", "adaptive"],
      /^--visual-tokens: .*differs by picture/,
    ],
    [[...backend, "--backend-tokens", "32", "--visual-tokens", "64"], /^--visual-tokens: .*expected 32/],
    [
      [...backend, "--backend-strict", "--method", "none"],
      /^--method: the method none takes no count, and the backend takes 64/,
    ],
    [["--fetch", "off", "--fetch-allow", "https://a.example"], /^--fetch-allow: /],
    [[...backend, "--batch-memory", "64"], /^--batch-memory: .*batches by itself/],
    [[...backend, "--cache", "q8"], /^--cache: .*holds keys and values by itself/],
    [[...backend, "--positions", "original"], /^--positions: a backend numbers rows by itself/],
  ])("refuses %j", (words, message) => {
    expect(() => check(words)).toThrow(message);
    expect(() => check(words)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });

  it.each([
    [[...backend, "--backend-strict"]],
    [[...backend, "--visual-tokens", "32"]],
    [[...backend, "--backend-strict", "--backend-tokens", "32", "--visual-tokens", "32"]],
    [[...backend, "--backend-strict", "--backend-tokens", "576", "--method", "none"]],
    [["--fetch-allow", "https://a.example"]],
    [["--positions", "original"]],
    [[...backend, "--positions", "contiguous"]],
  ])("takes %j", (words) => expect(() => check(words)).not.toThrow());
});
