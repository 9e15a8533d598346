import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Benchmark files made for tests, and what public scorers made of the answers: test/fixtures/README-short-answers.md. */
export const shortAnswers = fileURLToPath(new URL("../fixtures/eval/short-answers", import.meta.url));

/** A JSON fixture of that folder. */
// biome-ignore lint/suspicious/noExplicitAny: fixtures are as their scorers wrote them
export const expectation = (path: string): any => JSON.parse(readFileSync(join(shortAnswers, path), "utf8"));

/** A folder of its own for one test, removed with it; with a copy of one benchmark's fixture, if named. */
export function scratchFolder(benchmark?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-eval-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (benchmark !== undefined) cpSync(join(shortAnswers, benchmark), folder, { recursive: true });
  return folder;
}
