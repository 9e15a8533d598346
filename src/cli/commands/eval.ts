import { Command } from "commander";
import { addEvaluationOptions, type EvalOptions } from "../evaluation-options.js";
import { interruptible } from "../interrupt.js";
import { addJudgeOptions } from "../judge-options.js";
import { addModelOptions, cacheOption, listMethods, prefillOption } from "../options.js";

export function evalCommand(): Command {
  const command = new Command("eval")
    .description("ask a model a benchmark's questions, by several methods at several budgets, and score it")
    .argument(
      "<task...>",
      "benchmarks: vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench, msvd-qa, msrvtt-qa, activitynet-qa, nextqa, mvbench",
    );
  addEvaluationOptions(command);
  command.option("--queue <url>", "let workers answer: redis://HOST:PORT/DATABASE (see prumerge worker)");
  addJudgeOptions(command);
  addModelOptions(command);
  command.addOption(cacheOption()).addOption(prefillOption());
  return command
    .option("--json", "print the scores as JSON, nothing else, on standard output")
    .addHelpText(
      "after",
      `
A run that was interrupted goes on where it was with the same command. Ctrl-C ends it after the current answer, a second
Ctrl-C at once; nothing is lost either way. Answers are greedy. Exit status: 1 where questions failed or the run did, 2
for wrong input, 130 interrupted.
Methods: ${listMethods()}.

Examples:
  $ prumerge eval pope --data benchmarks/pocket --out runs/pope
  $ prumerge eval pope mme --data benchmarks/pocket --method prumerge+,prumerge,uniform,random,none \\
      --visual-tokens 192,128,64,adaptive --out runs/budgets
  $ prumerge eval gqa --data playground/data/eval --model ./llava-1.5-7b-q4 --limit 500 --out runs/gqa`,
    )
    .action((tasks: string[], options: EvalOptions) =>
      interruptible(async (signal) => {
        const [{ runEvaluation }, { refusingInput }] = await Promise.all([
          import("../run-evaluation.js"),
          import("../wrong-input.js"),
        ]);
        await refusingInput(() => runEvaluation(tasks, options, signal));
      }),
    );
}
