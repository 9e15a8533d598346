import { Command, InvalidArgumentError, Option } from "commander";
import { orAborted } from "../../or-aborted.js";
import { interruptible } from "../interrupt.js";

interface ScoreOptions {
  readonly answers: readonly string[];
  readonly data: string;
  readonly rule?: Readonly<Record<string, string>>;
  readonly allowMissing?: boolean;
  readonly json?: boolean;
}

export function scoreCommand(): Command {
  return new Command("score")
    .description("score answers of any program by a benchmark's official rule")
    .argument("<task>", "vqav2, gqa, scienceqa, textvqa, pope, mme or mmbench")
    .requiredOption(
      "--answers <file...>",
      "answers: LLaVA's JSON lines, or the benchmark's own result format",
    )
    .requiredOption(
      "--data <folder>",
      "the benchmark's files, or the folder that holds one folder per benchmark",
    )
    .addOption(
      new Option("--rule <name=value>", "another rule or split than the default; may be given several times")
        .argParser(addRule)
        .default(undefined),
    )
    .option("--allow-missing", "count questions without an answer as wrong, instead of refusing them")
    .option("--json", "print one JSON object, nothing else, on standard output")
    .addHelpText(
      "after",
      `
Every question needs exactly one answer; what is missing, unknown or there twice is named and refused.
Intervals are Wilson's, 95 %, for as many independent pictures as the answers are worth. The rules of each task: docs/evaluate.md.

Examples:
  $ prumerge score pope --answers answers.jsonl --data playground/data/eval
  $ prumerge score vqav2 --answers results.json --data vqav2 --rule scorer=strict_vqaeval_2021
  $ prumerge score gqa --answers merge.jsonl --data gqa --allow-missing --json`,
    )
    .action((task: string, options: ScoreOptions) =>
      interruptible((signal) => orAborted(score(task, options), signal)),
    );
}

function addRule(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected name=value.");
  const name = text.slice(0, at);
  if (Object.hasOwn(earlier, name)) throw new InvalidArgumentError(`The rule ${name} is given twice.`);
  return { ...earlier, [name]: text.slice(at + 1) };
}

async function score(name: string, options: ScoreOptions): Promise<void> {
  const [{ findTask }, { scoreAnswers }, { refusingInput }, { widthOf, write }, { formatScores }] =
    await Promise.all([
      import("../../eval/tasks/registry.js"),
      import("../../eval/score-answers.js"),
      import("../wrong-input.js"),
      import("../terminal.js"),
      import("../score-report.js"),
    ]);
  const { answers, data, rule: rules = {}, allowMissing = false, json } = options;
  const report = await refusingInput(() =>
    scoreAnswers({ task: findTask(name), data, answers, rules, allowMissing }),
  );
  await write(
    process.stdout,
    json ? `${JSON.stringify(report)}\n` : formatScores(report, widthOf(process.stdout)),
  );
}
