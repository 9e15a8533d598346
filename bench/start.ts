import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BenchResult } from "./result.js";

const repetitions = 7;
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Whole processes: the bundled model answers a question, and the library is imported. */
export async function run(): Promise<BenchResult[]> {
  const picture = at("models/pocket-llava/samples/sample_3.png");
  const ask = [at("dist/cli/main.js"), "ask", picture, "Where is the bear?", "--quiet"];
  const empty = ["--input-type=module", "-e", ""];
  const library = ["--input-type=module", "-e", `await import(${JSON.stringify(at("dist/index.js"))})`];
  const [asking, importing, nothing] = measure([ask, library, empty]);
  return [
    result("cold start of ask", asking!, "node process to end, answer printed; target at most 2500"),
    result(
      "import of the library",
      importing! - nothing!,
      "process that imports it less an empty one; target at most 150",
    ),
  ];
}

/** Median milliseconds of each command, the commands in turns. */
function measure(commands: readonly (readonly string[])[]): number[] {
  const times: number[][] = commands.map(() => []);
  for (let i = 0; i < repetitions; i++) {
    commands.forEach((words, command) => {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      times[command]!.push(performance.now() - started);
    });
  }
  return times.map((list) => list.sort((a, b) => a - b)[repetitions >> 1]!);
}

function result(name: string, milliseconds: number, notes: string): BenchResult {
  return { name, median: milliseconds, unit: "ms", notes: `median of ${repetitions}; ${notes}` };
}
