import { Command } from "commander";
import { interruptible } from "../interrupt.js";
import { addModelOptions, cacheOption, prefillOption, seconds } from "../options.js";
import type { WorkerOptions } from "../run-worker.js";

export function workerCommand(): Command {
  const command = new Command("worker")
    .description(
      "answer the questions of evaluations that were started with --queue, here or on other machines",
    )
    .requiredOption("--queue <url>", "redis://HOST:PORT/DATABASE, as given to prumerge eval")
    .requiredOption("--data <folder>", "the benchmarks, laid out as in the folder given to prumerge eval")
    .addOption(seconds("--lock-seconds <n>", "a worker silent for so long is taken for dead").default(15))
    .option("--exit-when-done", "end with the last run that it worked for, instead of waiting for more");
  return addModelOptions(command)
    .addOption(cacheOption())
    .addOption(prefillOption())
    .addHelpText(
      "after",
      `
Start as many as there are machines; each needs the model and the pictures. A run of another model, version, device,
--cache or --prefill is refused. Ctrl-C ends it after the job under way, a second Ctrl-C at once: other workers take over what it leaves.

Examples:
  $ prumerge worker --queue redis://10.0.0.5:6379 --data benchmarks/pocket
  $ prumerge worker --queue redis://10.0.0.5:6379 --data playground/data/eval --model ./llava-1.5-7b-q4`,
    )
    .action((options: WorkerOptions) =>
      interruptible(async (signal) => {
        const [{ runWorker }, { refusingInput }] = await Promise.all([
          import("../run-worker.js"),
          import("../wrong-input.js"),
        ]);
        await refusingInput(() => runWorker(options, signal));
      }),
    );
}
