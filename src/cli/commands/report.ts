import { extname } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { interruptible } from "../interrupt.js";
import { wholeNumber } from "../options.js";
import type { ReportFlags } from "../write-report.js";

export function reportCommand(): Command {
  return new Command("report")
    .description("show what runs of prumerge eval found: figures, tables, and question by question")
    .argument("<run...>", "folders that prumerge eval wrote, finished or not; shards of a run go together")
    .addOption(
      new Option(
        "-o, --output <file>",
        "a page (.html), Markdown tables (.md), values (.csv) or a LaTeX table (.tex)",
      )
        .argParser(parseOutput)
        .makeOptionMandatory(),
    )
    .option("--figures <folder>", "also write the figures there, each an SVG file")
    .option(
      "--lmms-eval <folder>",
      "also write every answer there, in the form of lmms-eval's logged samples",
    )
    .option("--data <folder>", "the benchmarks' files, where they are no longer where the run found them")
    .addOption(
      new Option(
        "--compare <a,b>",
        "configurations to set side by side, named as in the run (default: none and the first reducer)",
      ).argParser(parsePair),
    )
    .addOption(wholeNumber("--examples <n>", "questions to show side by side", 0).default(24))
    .addOption(wholeNumber("--resamples <n>", "decides nothing any more", 1).hideHelp())
    .addOption(wholeNumber("--seed <n>", "decides nothing any more", 0).hideHelp())
    .option("-q, --quiet", "nothing on standard error")
    .addHelpText(
      "after",
      `
The page is one file: no request leaves it, and it runs no script. docs/evaluate.md says how to read it.

Examples:
  $ prumerge report runs/pope -o pope.html
  $ prumerge report runs/shard-1 runs/shard-2 -o report.md
  $ prumerge report runs/budgets -o budgets.html --compare none,prumerge-16 --examples 60
  $ prumerge report runs/budgets -o table.tex --figures figures`,
    )
    .action((runs: string[], flags: ReportFlags) =>
      interruptible(async (signal) => {
        const [{ writeReport }, { refusingInput }] = await Promise.all([
          import("../write-report.js"),
          import("../wrong-input.js"),
        ]);
        await refusingInput(() => writeReport(runs, flags, signal));
      }),
    );
}

function parseOutput(path: string): ReportFlags["output"] {
  const format = extname(path).slice(1).toLowerCase();
  if (format === "html" || format === "md" || format === "csv" || format === "tex") return { path, format };
  throw new InvalidArgumentError("Expected a file name ending in .html, .md, .csv, .tex.");
}

function parsePair(value: string): [string, string] {
  const [first, second, ...rest] = value.split(",");
  if (first && second && rest.length === 0) return [first, second];
  throw new InvalidArgumentError("Expected two names, such as none,prumerge-plus-64.");
}
