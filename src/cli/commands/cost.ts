import { Command, InvalidArgumentError, Option } from "commander";
import type { NumberFormat } from "../../cost/index.js";
import { PrumergeError } from "../../errors.js";
import type { CostFlags } from "../cost-question.js";
import { interruptible } from "../interrupt.js";
import { wholeNumber } from "../options.js";

/** As many as pictures may have. */
const mostPixels = 100_000_000;

const dtypes: readonly string[] = ["fp16", "int8", "int4"] satisfies NumberFormat[];

export function costCommand(): Command {
  return new Command("cost")
    .description(
      "what visual tokens cost at least: operations, traffic, memory and time, by the roofline model",
    )
    .option("-m, --model <7b|13b|id|folder>", "LLaVA-1.5's sizes, or any model's own geometry", "7b")
    .addOption(
      new Option(
        "--picture <WxH>",
        "size of the picture, for models whose visual tokens depend on it (tiles, any size)",
      ).argParser(parseSize),
    )
    .option("--hardware <name>", "machine of the table, see --list-hardware (default: a100)")
    .addOption(peak("--bandwidth <GB/s>", "own machine: memory bandwidth"))
    .addOption(peak("--operations <T/s>", "own machine: 10^12 operations a second, for every dtype"))
    .addOption(dtype("--dtype", "weights of the language model"))
    .addOption(dtype("--activations", "its activations; with the weights they choose the machine's rate"))
    .addOption(dtype("--key-values", "its keys and values"))
    .addOption(
      new Option(
        "--visual-tokens <n,...>",
        "counts to compare (default: all patches and some fewer)",
      ).argParser(parseCounts),
    )
    .addOption(wholeNumber("--text-tokens <n>", "prompt tokens besides the picture", 0).default(40))
    .addOption(wholeNumber("--answer-tokens <n>", "tokens of the answer", 1).default(32))
    .addOption(
      new Option("--attention <how>", "fused: scores stay on the chip; unfused: they are written and read")
        .choices(["fused", "unfused"])
        .default("fused"),
    )
    .option("--plot <file.svg>", "draw time and cache over all token counts")
    .option("--paper", "the paper's efficiency table, cell by cell beside three counts of the same")
    .option("--list-hardware", "the machines, their peaks and where these are from")
    .option("--json", "print one JSON object (an array for the two tables), nothing else, on standard output")
    .addHelpText(
      "after",
      `
Times are lower bounds: each operation takes the longer of computing at the machine's peak and moving its bytes; kernels,
launches and scheduling come on top. One picture, one question, batch 1. docs/cost.md has the rules.

Examples:
  $ prumerge cost
  $ prumerge cost --model 13b --hardware rtx4090 --dtype int4 --visual-tokens 576,144,64
  $ prumerge cost --model pocket-llava --bandwidth 50 --operations 1.2 --plot cost.svg
  $ prumerge cost --model ./llava-next-q4 --picture 640x480 --visual-tokens 2340,160
  $ prumerge cost --paper`,
    )
    .action((flags: CostFlags, command: Command) => {
      refuseUnused(flags, command);
      return interruptible((signal) => cost(flags, signal));
    });
}

/** The two fixed tables take hardly any option, and must not seem to. */
function refuseUnused({ paper, listHardware }: CostFlags, command: Command): void {
  if (!paper && !listHardware) return;
  const [table, takes] = listHardware
    ? ["--list-hardware", ["listHardware", "json"]]
    : ["--paper", ["paper", "attention", "json"]];
  const unused = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === "cli" && !takes.includes(name);
  });
  if (unused === undefined) return;
  throw new PrumergeError("INVALID_OPTION", `this has no effect beside ${table}`, {
    where: unused.long ?? unused.flags,
    expected: `${table} without it`,
  });
}

function dtype(flag: string, description: string): Option {
  return new Option(`${flag} <dtype>`, description).choices(dtypes).default("fp16");
}

function peak(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number) || number <= 0)
      throw new InvalidArgumentError("Expected a number above 0.");
    return number;
  });
}

function parseSize(value: string): { width: number; height: number } {
  const [, width, height] = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(value) ?? [];
  if (width === undefined || height === undefined || Number(width) * Number(height) > mostPixels)
    throw new InvalidArgumentError("Expected a width and a height in pixels, such as 640x480.");
  return { width: Number(width), height: Number(height) };
}

function parseCounts(value: string): readonly number[] {
  const words = value.split(",");
  if (!words.every((word) => /^[1-9]\d{0,8}$/.test(word)))
    throw new InvalidArgumentError("Expected counts, such as 576,144,64.");
  return [...new Set(words.map(Number))];
}

async function cost(flags: CostFlags, signal: AbortSignal): Promise<void> {
  const [costs, format, { widthOf, write }] = await Promise.all([
    import("../../cost/index.js"),
    import("../format-cost.js"),
    import("../terminal.js"),
  ]);
  const print = <Result>(result: Result, text: (result: Result, width: number) => string) =>
    write(process.stdout, flags.json ? `${JSON.stringify(result)}\n` : text(result, widthOf(process.stdout)));
  if (flags.listHardware) return print(costs.hardwareTable, format.formatHardware);
  if (flags.paper) return print(costs.paperTable(flags.attention), format.formatPaperTable);
  const { costQuestion } = await import("../cost-question.js");
  const { question, visualTokens, title } = await costQuestion(flags, signal);
  await print(costs.compareCosts(question, visualTokens), (compared, width) =>
    format.formatCosts(title, compared, width),
  );
  if (flags.plot === undefined) return;
  const { writeOutput } = await import("../write-output.js");
  await writeOutput(flags.plot, await costs.costPlot(question, visualTokens, title), signal);
}
