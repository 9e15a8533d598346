import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./result.js";
import { writeGeneratedVqa } from "./support/generated-vqa.js";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const repetitions = 5;

/**
 * Whole processes of `prumerge score vqav2`: reading of questions, annotations and answers, scoring, the
 * intervals of all scores. Once at 100,000 questions, once at the size of the real validation split.
 */
export async function run(): Promise<BenchResult[]> {
  return [100_000, 214_354].flatMap((count) => {
    const { folder, answers } = writeGeneratedVqa(count);
    try {
      const runs = Array.from({ length: repetitions }, () => score(folder, answers, count));
      const notes = `whole process with intervals, generated files, median of ${repetitions}`;
      const target = (text: string) => (count === 100_000 ? `; target below ${text}` : "");
      return [
        {
          name: `scoring ${count} VQAv2 answers`,
          median: median(runs.map(({ milliseconds }) => milliseconds)),
          unit: "ms",
          notes: notes + target("5000"),
        },
        {
          name: `scoring ${count} VQAv2 answers, peak resident memory`,
          median: median(runs.map(({ megabytes }) => megabytes)),
          unit: "MB",
          notes: notes + target("500"),
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

function score(folder: string, answers: string, count: number): { milliseconds: number; megabytes: number } {
  // The peak is the process's own account of itself, written when it ends.
  const peak = 'process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS))';
  const observer = `data:text/javascript,${encodeURIComponent(peak)}`;
  const words = [
    "--import",
    observer,
    program,
    "score",
    "vqav2",
    "--data",
    folder,
    "--answers",
    answers,
    "--json",
  ];
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  const milliseconds = performance.now() - started;
  if (status !== 0) throw new Error(stderr);
  if (JSON.parse(stdout).questions !== count) throw new Error("not all questions were scored");
  return { milliseconds, megabytes: Number(/peak (\d+)/.exec(stderr)![1]) / 1000 };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
