import { type Command, Option } from "commander";
import { PrumergeError } from "../errors.js";
import {
  completionsUrl,
  type JudgeEndpoint,
  type JudgeProtocol,
  judgeKeyVariable,
  judgeProtocols,
} from "../eval/judge/endpoint.js";
import type { JudgeSettings } from "../eval/judge/judge-sets.js";
import { wholeNumber } from "./options.js";
import type { StatusLine } from "./status-line.js";

/** Options of commands that have answers judged by a language model. */
export interface JudgeFlags {
  readonly judge?: string;
  readonly judgeModel?: string;
  readonly judgeProtocol: JudgeProtocol;
  readonly judgeAttempts: number;
  readonly judgeParallel: number;
}

/** Most requests at a time: a judge is one server. */
const mostParallel = 64;

export function addJudgeOptions(command: Command): Command {
  const names = Object.keys(judgeProtocols);
  return command
    .option(
      "--judge <url>",
      `have a language model judge open answers: a server of OpenAI's chat completions, such as http://127.0.0.1:8000/v1; its key is read from ${judgeKeyVariable}`,
    )
    .option("--judge-model <name>", "which model the judge is, as its server calls it")
    .addOption(
      new Option(
        "--judge-protocol <name>",
        "what is sent beside the official request: nothing, or temperature 0 and at most 64 tokens",
      )
        .choices(names)
        .default(names[0]),
    )
    .addOption(wholeNumber("--judge-attempts <n>", "requests for one answer at most", 1).default(5))
    .addOption(wholeNumber("--judge-parallel <n>", "answers judged at a time", 1, mostParallel).default(4));
}

/** The judge that a command names; undefined where it names none. @throws PrumergeError INVALID_OPTION */
export function judgeEndpoint({ judge, judgeModel, judgeProtocol }: JudgeFlags): JudgeEndpoint | undefined {
  if (judge === undefined && judgeModel === undefined) return undefined;
  if (judge === undefined || judgeModel === undefined) {
    throw new PrumergeError("INVALID_OPTION", "a judge is an address and the name of a model", {
      where: judge === undefined ? "--judge-model" : "--judge",
      expected: "--judge URL --judge-model NAME",
      found: `no --${judge === undefined ? "judge" : "judge-model"}`,
    });
  }
  const key = process.env[judgeKeyVariable] || undefined;
  return { url: completionsUrl(judge, key), model: judgeModel, protocol: judgeProtocol, key };
}

/** How a command's judge is asked, with a line that says how far it is. */
export function judgeSettings(
  endpoint: JudgeEndpoint,
  { judgeAttempts, judgeParallel }: JudgeFlags,
  signal: AbortSignal,
  status: StatusLine,
): JudgeSettings {
  return {
    endpoint,
    attempts: judgeAttempts,
    parallel: judgeParallel,
    signal,
    progress(done, total) {
      if (done === total) status.clear();
      else status.show(`Judged ${done} of ${total} answers`);
    },
  };
}
