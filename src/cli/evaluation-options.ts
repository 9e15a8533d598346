import { type Command, InvalidArgumentError, Option } from "commander";
import type { MethodOptions } from "../eval/run/configurations.js";
import { type Aspect, aspects } from "../image/preprocess-spec.js";
import type { Budget } from "../reduce/budget.js";
import { budgetForms, parseBudget } from "../reduce/budget-text.js";
import { defaultMethod, methods } from "../reduce/registry.js";
import { defaultPositions, type Positions, positionKinds } from "../see/row-place.js";
import type { JudgeFlags } from "./judge-options.js";
import { methodOption } from "./method-option.js";
import { type ModelOptions, maxPixelsOption, minPixelsOption, wholeNumber } from "./options.js";

/** Part `index`, from 1, of `count`. */
interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Options that say what is asked in which ways. */
interface EvaluationFlags {
  readonly data: string;
  readonly out: string;
  readonly method: readonly string[];
  readonly visualTokens: readonly Budget[];
  readonly option?: MethodOptions;
  readonly rule?: Readonly<Record<string, string>>;
  readonly limit?: number;
  readonly shard?: Shard;
  readonly maxNewTokens?: number;
  readonly imageAspect?: Aspect;
  readonly minPixels?: number;
  readonly maxPixels?: number;
  readonly positions: readonly Positions[];
  readonly seed: readonly number[];
  readonly retryFailed?: boolean;
  readonly skipMissing?: boolean;
}

/** Options of `prumerge eval`. */
export interface EvalOptions extends ModelOptions, EvaluationFlags, JudgeFlags {
  readonly queue?: string;
}

/** Never a number without what random and uniform sampling reach at the same count, and what nothing reduced does. */
const defaultMethods = [
  ...methods.filter(({ budgets }) => budgets.includes("all")),
  defaultMethod,
  ...methods.filter(({ baseline }) => baseline),
].map(({ name }) => name);

export function addEvaluationOptions(command: Command): Command {
  return command
    .requiredOption("--data <folder>", "holds a folder for each task, or is one task's own folder")
    .requiredOption("--out <folder>", "the run's folder: journal, answers, scores; an unfinished run goes on")
    .addOption(
      new Option(
        "--method <names>",
        "methods, or modules that export one (./mine.js), separated by commas; none is the unreduced model",
      )
        .argParser(parseList)
        .default(defaultMethods, defaultMethods.join(",")),
    )
    .addOption(
      new Option(
        "--visual-tokens <list>",
        "each of: a count, a share (25%), adaptive, adaptive:CAP; separated by commas",
      )
        .argParser((value) => parseList(value).map(readBudget))
        .default([{ kind: "exact", rows: 64 }], "64"),
    )
    .addOption(
      methodOption("option of the methods, as the library has it, such as sizeBias=false; may be repeated"),
    )
    .addOption(
      new Option(
        "--rule <name=value>",
        "rule of a task, as prumerge score has them; may be repeated",
      ).argParser(parseRule),
    )
    .addOption(wholeNumber("--limit <n>", "about n questions of each task, spread evenly over it", 1))
    .addOption(
      new Option("--shard <i/n>", "part i of n of each task's pictures, with all their questions").argParser(
        parseShard,
      ),
    )
    .addOption(
      wholeNumber("--max-new-tokens <n>", "longest answer, tokens (default: LLaVA's for the task)", 1),
    )
    .addOption(
      new Option(
        "--image-aspect <how>",
        "how the picture becomes squares, anyres where the model has tiles (default: the model's)",
      ).choices(aspects),
    )
    .addOption(minPixelsOption())
    .addOption(maxPixelsOption())
    .addOption(
      new Option(
        "--positions <list>",
        `where kept rows stand in the prompt, each of: ${positionKinds.join(", ")}; separated by commas`,
      )
        .argParser((value) => parseList(value).map(readPositions))
        .default([defaultPositions], defaultPositions),
    )
    .addOption(
      new Option(
        "--seed <list>",
        "of methods that draw at random; several, separated by commas, are run each and reported with mean and spread",
      )
        .argParser((value) => parseList(value).map(readSeed))
        .default([0], "0"),
    )
    .option("--retry-failed", "ask questions again that failed before")
    .option(
      "--skip-missing",
      "leave out questions whose picture or video is not there, instead of refusing them",
    );
}

function parseList(value: string): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.some((name) => name === ""))
    throw new InvalidArgumentError("Expected names separated by commas.");
  return names;
}

function readBudget(value: string): Budget {
  const budget = parseBudget(value);
  if (budget !== undefined) return budget;
  throw new InvalidArgumentError(`Expected, separated by commas, each ${budgetForms}.`);
}

function readPositions(value: string): Positions {
  const positions = positionKinds.find((kind) => kind === value);
  if (positions !== undefined) return positions;
  throw new InvalidArgumentError(`Expected, separated by commas, each ${positionKinds.join(" or ")}.`);
}

function readSeed(value: string): number {
  if (/^\d+$/.test(value) && Number(value) < 2 ** 32) return Number(value);
  throw new InvalidArgumentError("Expected whole numbers from 0 to 2^32 - 1, separated by commas.");
}

function parseRule(value: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, choice] = /^([^=]+)=(.+)$/.exec(value) ?? [];
  if (name === undefined || choice === undefined) throw new InvalidArgumentError("Expected NAME=VALUE.");
  return { ...earlier, [name]: choice };
}

/** Numbers and true and false as such, anything else as text. */
function parseShard(value: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new InvalidArgumentError("Expected PART/PARTS, for example 1/4.");
}
