import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { prumerge } from "./support/command-line.js";
import { journalContent } from "./support/journal-content.js";

const data = fileURLToPath(new URL("../benchmarks/pocket", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "prumerge-kill-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const kills = 20;

function evaluate(out: string, disturb?: (program: ChildProcess) => void) {
  const what = [
    "pope",
    "--data",
    data,
    "--limit",
    "12",
    "--method",
    "prumerge+,uniform",
    "--visual-tokens",
    "8",
  ];
  return prumerge(["eval", ...what, "--out", out, "--quiet"], disturb && { disturb });
}

/** Every final file by its path; run.json says when the run began. */
function finalFiles(out: string): Record<string, string> {
  const paths = readdirSync(out, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(out, path)).isFile() && !["journal.jsonl", "run.json"].includes(path))
    .sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(out, path), "utf8")]));
}

/** Kills a program a moment after it began, or after its journal grew. */
function killAtRandom(out: string, longest: number) {
  return (program: ChildProcess) => {
    const journal = join(out, "journal.jsonl");
    const size = () => (existsSync(journal) ? statSync(journal).size : 0);
    const before = size();
    const afterGrowth = Math.random() < 0.7;
    const deadline = Date.now() + Math.random() * longest;
    const timer = setInterval(() => {
      if (afterGrowth ? size() === before : Date.now() < deadline) return;
      clearInterval(timer);
      setTimeout(() => program.kill("SIGKILL"), afterGrowth ? Math.random() * 120 : 0);
    }, 2);
    program.on("exit", () => clearInterval(timer));
  };
}

it("eval killed again and again ends with the journal and files of an undisturbed run", async () => {
  const undisturbed = join(scratch, "undisturbed");
  const began = Date.now();
  expect(await evaluate(undisturbed)).toMatchObject({ status: 0 });
  const whole = Date.now() - began;
  const content = journalContent(join(undisturbed, "journal.jsonl"));
  expect(content).toHaveLength(1 + 24);
  const files = finalFiles(undisturbed);
  expect(Object.keys(files)).toEqual([
    "answers/pope/prumerge-plus-8.jsonl",
    "answers/pope/uniform-8.jsonl",
    "scores.json",
  ]);

  let killed = 0;
  for (let run = 0; killed < kills; run++) {
    const out = join(scratch, `run-${run}`);
    let ended = false;
    while (!ended) {
      const disturb = killed < kills ? killAtRandom(out, whole) : undefined;
      const { status, stderr } = await evaluate(out, disturb);
      if (status === undefined) killed++;
      else expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      ended = status === 0;
    }
    expect(journalContent(join(out, "journal.jsonl"))).toEqual(content);
    expect(finalFiles(out)).toEqual(files);
  }
  expect(killed).toBe(kills);
}, 240_000);
