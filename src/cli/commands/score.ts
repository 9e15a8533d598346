import { Command, InvalidArgumentError, Option } from "commander";
import { PrumergeError } from "../../errors.js";
import { orAborted } from "../../or-aborted.js";
import { interruptible } from "../interrupt.js";
import { addJudgeOptions, type JudgeFlags, judgeEndpoint, judgeSettings } from "../judge-options.js";
import { StatusLine } from "../status-line.js";

interface ScoreOptions extends JudgeFlags {
  readonly answers: readonly string[];
  readonly data: string;
  readonly rule?: Readonly<Record<string, string>>;
  readonly allowMissing?: boolean;
  readonly onlyAnswered?: boolean;
  readonly judgeJournal?: string;
  readonly json?: boolean;
}

export function scoreCommand(): Command {
  const command = new Command("score")
    .description("score answers of any program by a benchmark's official rule")
    .argument(
      "<task>",
      "vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench, msvd-qa, msrvtt-qa, activitynet-qa, nextqa or mvbench",
    )
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
    .addOption(
      new Option(
        "--allow-missing",
        "count questions without an answer as wrong, instead of refusing them",
      ).conflicts("onlyAnswered"),
    )
    .option(
      "--only-answered",
      "leave out questions without an answer, with the pair or group that they are part of",
    );
  addJudgeOptions(command);
  return command
    .option("--judge-journal <file>", "where every judgement is kept: the same command goes on with it")
    .option("--json", "print one JSON object, nothing else, on standard output")
    .addHelpText(
      "after",
      `
Every question needs exactly one answer; what is missing, unknown or there twice is named and refused.
Intervals are Wilson's, 95 %, for as many independent pictures as the answers are worth. The rules of each task: docs/evaluate.md.

Examples:
  $ prumerge score pope --answers answers.jsonl --data playground/data/eval
  $ prumerge score vqav2 --answers results.json --data vqav2 --rule scorer=strict_vqaeval_2021
  $ prumerge score gqa --answers merge.jsonl --data gqa --allow-missing --json
  $ prumerge score msvd-qa --answers merge.jsonl --data GPT_Zero_Shot_QA --judge http://127.0.0.1:8000/v1 \\
      --judge-model qwen2.5-7b-instruct --judge-journal judgements.jsonl`,
    )
    .action((task: string, options: ScoreOptions) =>
      interruptible((signal) => orAborted(score(task, options, signal), signal)),
    );
}

function addRule(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Expected name=value.");
  const name = text.slice(0, at);
  if (Object.hasOwn(earlier, name)) throw new InvalidArgumentError(`The rule ${name} is given twice.`);
  return { ...earlier, [name]: text.slice(at + 1) };
}

async function score(name: string, options: ScoreOptions, signal: AbortSignal): Promise<void> {
  const [{ findTask }, { scoreAnswers }, { refusingInput }, { widthOf, write }, { formatScores }] =
    await Promise.all([
      import("../../eval/tasks/registry.js"),
      import("../../eval/score-answers.js"),
      import("../wrong-input.js"),
      import("../terminal.js"),
      import("../score-report.js"),
    ]);
  const { answers, data, rule: rules = {}, allowMissing = false, onlyAnswered = false, json } = options;
  const judge = judgeOf(options, signal);
  const report = await refusingInput(() =>
    scoreAnswers({
      task: findTask(name),
      data,
      answers,
      rules,
      allowMissing,
      onlyAnswered,
      ...(judge && { judge }),
    }),
  );
  await write(
    process.stdout,
    json ? `${JSON.stringify(report)}\n` : formatScores(report, widthOf(process.stdout)),
  );
}

/** @throws PrumergeError INVALID_OPTION */
function judgeOf(options: ScoreOptions, signal: AbortSignal) {
  const endpoint = judgeEndpoint(options);
  const { judgeJournal: journal, json } = options;
  if (endpoint === undefined && journal === undefined) return undefined;
  if (endpoint === undefined || journal === undefined) {
    throw new PrumergeError("INVALID_OPTION", "a judge and a journal of its judgements go together", {
      where: endpoint === undefined ? "--judge-journal" : "--judge",
      expected: "--judge URL --judge-model NAME --judge-journal FILE",
      found: endpoint === undefined ? "no --judge" : "no --judge-journal",
    });
  }
  const status = new StatusLine({ quiet: json });
  return { journal, ...judgeSettings(endpoint, options, signal, status) };
}
