import { type Command, InvalidArgumentError, Option } from "commander";
import type { AnswerOptions } from "../generate/answer-options.js";
import { type Aspect, aspects } from "../image/preprocess-spec.js";
import type { SeeOptions } from "../model/see-options.js";
import { type CacheForm, cacheForms, defaultCacheForm } from "../models/cache-forms.js";
import { type PrefillGraph, prefillGraphs } from "../models/language-forms.js";
import type { Budget } from "../reduce/budget.js";
import { budgetForms, formatBudget, parseBudget } from "../reduce/budget-text.js";
import { defaultMethod, methods } from "../reduce/registry.js";
import { type Views, viewKinds } from "../see/choose-aspect.js";
import { defaultPositions, type Positions, positionKinds } from "../see/row-place.js";
import { type FrameSampling, mostFrames, samplingRules } from "../video/sampling.js";
import { type MethodOptions, methodOption } from "./method-option.js";
import { spokenOf, type VideoFlags } from "./shown.js";

/** Options of every command that loads a model. */
export interface ModelOptions {
  /** Undefined: none was named, and the bundled one is used. */
  readonly model?: string;
  readonly device?: string;
  readonly threads?: number;
  readonly packed?: string;
  /** Of commands that answer. */
  readonly cache?: CacheForm;
  readonly prefill?: PrefillGraph;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Options of every command that reduces visual tokens. */
export interface ReductionOptions {
  readonly method?: string;
  readonly visualTokens?: Budget;
  /** Of the method. */
  readonly option?: MethodOptions;
  readonly imageAspect?: Aspect;
  readonly views?: Views;
  readonly minPixels?: number;
  readonly maxPixels?: number;
  readonly seed?: number;
  /** Of commands that ask nothing. */
  readonly question?: string;
}

/** Options of every command that answers. */
export interface AnswerFlags {
  readonly positions?: Positions;
  readonly maxNewTokens?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
}

export function addModelOptions(command: Command): Command {
  return command
    .option(
      "-m, --model <id|folder>",
      "model folder, or owner/name on the hub (default: the bundled pocket-llava, which knows drawn scenes only)",
    )
    .option("--device <name>", "execution provider of ONNX Runtime (default: cpu)")
    .addOption(wholeNumber("--threads <n>", "threads of one run (default: one per core)", 1))
    .option(
      "--packed <folder>",
      "keep weights as this processor multiplies by them in files there, mapped and shared, made when they are first used (default: in memory)",
    )
    .option("-q, --quiet", "no progress and no statistics on standard error");
}

/** Every method's name, for help texts. */
export function listMethods(): string {
  const names = methods.map(({ name }) => name);
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

export function addReductionOptions(command: Command): Command {
  return command
    .option("--method <name>", `${listMethods()} (default: ${defaultMethod.name})`)
    .addOption(
      visualTokensOption(
        `exactly n, a share, the method's own rule, or the rule with a cap (default for ${defaultMethod.name}: ${formatBudget(defaultMethod.defaultBudget)})`,
      ),
    )
    .addOption(
      methodOption("option of the method, as the library has it, such as sizeBias=false; may be repeated"),
    )
    .addOption(
      new Option(
        "--image-aspect <how>",
        "how the picture becomes squares, anyres where the model has tiles (default: the model's)",
      ).choices(aspects),
    )
    .addOption(
      new Option(
        "--views <which>",
        "of a model with tiles: all, or the whole picture alone, which encodes faster (default: the model's)",
      )
        .choices(viewKinds)
        .conflicts("imageAspect"),
    )
    .addOption(minPixelsOption())
    .addOption(maxPixelsOption());
}

export function minPixelsOption(): Option {
  return wholeNumber(
    "--min-pixels <n>",
    "of a model that takes pictures of any size: enlarge smaller ones (default: the model's)",
    1,
  );
}

export function maxPixelsOption(): Option {
  return wholeNumber(
    "--max-pixels <n>",
    "of such a model: shrink larger ones, for fewer visual tokens and less work (default: the model's)",
    1,
  );
}

/** Options of every command that is shown videos. */
export function addVideoOptions(command: Command): Command {
  return command
    .addOption(
      wholeNumber(
        "--frames <n>",
        "of a video: how many frames are taken (default: the model's)",
        1,
        mostFrames,
      ),
    )
    .addOption(number("--fps <x>", "of a video: frames for each of its seconds, --frames at most"))
    .addOption(
      new Option("--sampling <rule>", "of a video: which frames are taken (default: the model's)").choices(
        samplingRules,
      ),
    );
}

export function addAnswerOptions(command: Command): Command {
  return command
    .addOption(wholeNumber("--max-new-tokens <n>", "longest answer, tokens (default: the model's)", 1))
    .addOption(number("--temperature <t>", "0 is greedy, more is more varied (default: 0)"))
    .addOption(wholeNumber("--top-k <k>", "draw from the k most likely tokens", 1))
    .addOption(number("--top-p <p>", "draw from the most likely tokens that add up to p"))
    .addOption(seedOption())
    .addOption(positionsOption())
    .addOption(cacheOption())
    .addOption(prefillOption());
}

export function cacheOption(): Option {
  return new Option(
    "--cache <form>",
    `keys and values as they are, or in 8 bits, of which three to four times as many fit (default: ${defaultCacheForm})`,
  ).choices(cacheForms);
}

export function prefillOption(): Option {
  return new Option(
    "--prefill <graph>",
    "prompts by the folder's own graph for them (convert --prefill-dtype), or by the decoder as tokens are (default: its own, where it has one)",
  ).choices(prefillGraphs);
}

export function positionsOption(): Option {
  return new Option(
    "--positions <where>",
    `where kept rows stand in the prompt: one after another; where their patches stood, with the text where it would have been (original) or right behind them (tight); or that text alone where it would have been (far); default:  ${defaultPositions}`,
  ).choices(positionKinds);
}

/** Of sampled answers and of the method `random`. */
export function seedOption(): Option {
  return wholeNumber("--seed <n>", "repeats what is drawn at random: answers, and the method random", 0);
}

/** Of commands that ask nothing. */
export function questionOption(): Option {
  return new Option("--question <text>", "what will be asked, for methods that read it");
}

/** What the library takes of the reduction's options, beyond the reducer. */
export function seeOptions(
  {
    imageAspect,
    views,
    minPixels,
    maxPixels,
    positions,
    question,
    ...video
  }: ReductionOptions & VideoFlags & Pick<AnswerFlags, "positions">,
  signal: AbortSignal,
): SeeOptions {
  return {
    signal,
    ...(imageAspect !== undefined && { imageAspect }),
    ...(views !== undefined && { views }),
    ...(minPixels !== undefined && { minPixels }),
    ...(maxPixels !== undefined && { maxPixels }),
    ...(positions !== undefined && { positions }),
    ...(question !== undefined && { question }),
    ...(spokenOf(video) !== undefined && { sampling: samplingWish(video) }),
  };
}

function samplingWish({ frames, fps, sampling }: VideoFlags): Partial<FrameSampling> {
  return {
    ...(frames !== undefined && { count: frames }),
    ...(fps !== undefined && { fps }),
    ...(sampling !== undefined && { rule: sampling }),
  };
}

/** What the library takes of the answer's options. */
export function answerOptions(flags: AnswerFlags, signal: AbortSignal): AnswerOptions {
  const { maxNewTokens, temperature, topK, topP, seed } = flags;
  return {
    signal,
    ...(maxNewTokens !== undefined && { maxNewTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { seed }),
  };
}

/** Checks that they are numbers, and the bounds given; further bounds are the library's. */
export function wholeNumber(flags: string, description: string, least: number, most = Infinity): Option {
  return new Option(flags, description).argParser((value) => {
    if (!/^\d{1,15}$/.test(value) || Number(value) < least || Number(value) > most) {
      const range = most === Infinity ? `${least} or more` : `${least} to ${most}`;
      throw new InvalidArgumentError(`Expected a whole number, ${range}.`);
    }
    return Number(value);
  });
}

/** Whole seconds that a timer can be set to: a longer one would fire at once. */
export function seconds(flags: string, description: string): Option {
  return wholeNumber(flags, description, 1, Math.floor((2 ** 31 - 1) / 1000));
}

function number(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value) => {
    if (value.trim() === "" || !Number.isFinite(Number(value)))
      throw new InvalidArgumentError("Expected a number.");
    return Number(value);
  });
}

/** @param meaning what the number is for, and its default */
export function visualTokensOption(meaning: string): Option {
  return new Option("--visual-tokens <n|n%|adaptive|adaptive:n>", meaning).argParser(parseVisualTokens);
}

/** {@link parseBudget} for commander. */
function parseVisualTokens(value: string): Budget {
  const budget = parseBudget(value);
  if (budget !== undefined) return budget;
  throw new InvalidArgumentError(`Expected ${budgetForms}.`);
}
