import { Command } from "commander";
import { interruptible } from "../interrupt.js";

interface InfoOptions {
  readonly json?: boolean;
}

export function infoCommand(): Command {
  return new Command("info")
    .description("describe a model: geometry, precision, context, methods, files")
    .argument("[model]", "bundled model, model folder, checkpoint, or owner/name on the hub", "pocket-llava")
    .option("--json", "print one JSON object, nothing else, on standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ prumerge info
  $ prumerge info ./llava-q4 --json
  $ prumerge info llava-hf/llava-1.5-7b-hf`,
    )
    .action((model: string, options: InfoOptions) => interruptible((signal) => info(model, options, signal)));
}

async function info(model: string, { json }: InfoOptions, signal: AbortSignal): Promise<void> {
  const [{ inspectModel }, { formatModel }, { widthOf, write }] = await Promise.all([
    import("../model-report.js"),
    import("../format-model.js"),
    import("../terminal.js"),
  ]);
  const report = await inspectModel(model, signal);
  const text = json ? `${JSON.stringify(report)}\n` : formatModel(report, widthOf(process.stdout));
  await write(process.stdout, text);
}
