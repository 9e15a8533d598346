import { isDeepStrictEqual } from "node:util";
import { PrumergeError } from "../../errors.js";
import { defaultCacheForm } from "../../models/cache-forms.js";
import type { PlannedTask } from "./plan-assignments.js";
import { readRun } from "./read-run.js";
import { type Run, runFiles, runFormat } from "./run-folder.js";
import type { QuestionSelection } from "./select-questions.js";
import { writeJson } from "./write-whole.js";

/** What a command says of the run that it begins or continues. */
export interface RunCommand extends Pick<Run, "versions" | "machine" | "model" | "prompt" | "generation"> {
  /** The words after `prumerge`. */
  readonly words: readonly string[];
}

/**
 * Refuses a folder that holds a run of another kind: answers of two models, or of two versions, are not put together.
 *
 * @throws PrumergeError INVALID_OPTION that says what differs
 */
export function checkSameRun(folder: string, earlier: Run | undefined, command: RunCommand): void {
  if (earlier === undefined) return;
  const kinds: readonly (readonly [string, (run: RunCommand | Run) => unknown])[] = [
    ["the model's files", ({ model }) => model.hash],
    ["prumerge's version", ({ versions }) => versions.prumerge],
    ["ONNX Runtime's version", ({ versions }) => versions.onnxruntime],
    ["the conversation", ({ prompt }) => prompt],
    ["--max-new-tokens", ({ generation }) => generation.maxNewTokens],
    ["--image-aspect", ({ generation }) => generation.imageAspect],
    ["--min-pixels", ({ generation }) => generation.minPixels ?? "the model's"],
    ["--max-pixels", ({ generation }) => generation.maxPixels ?? "the model's"],
    ["--device", ({ generation }) => generation.device],
    ["--cache", ({ generation }) => generation.cache ?? defaultCacheForm],
    ["--prefill", ({ generation }) => generation.prefill ?? "own"],
  ];
  for (const [name, of] of kinds) {
    if (of(earlier) === of(command)) continue;
    throw new PrumergeError("INVALID_OPTION", `the folder holds a run that differs in ${name}`, {
      where: folder,
      expected: String(of(earlier)),
      found: String(of(command)),
      help: "Give another folder with --out, or repeat what the first command said",
    });
  }
}

/** Writes `run.json`: what earlier commands said, and this one. */
export async function writeRun(
  folder: string,
  command: RunCommand,
  tasks: readonly PlannedTask[],
  configurations: Run["configurations"],
  selection: QuestionSelection,
): Promise<Run> {
  const earlier = await readRun(folder);
  const { words, ...rest } = command;
  const said = JSON.stringify(words);
  const isNew = !earlier?.commands.some((one) => JSON.stringify(one.words) === said);
  const run: Run = {
    format: runFormat,
    ...rest,
    commands: [
      ...(earlier?.commands ?? []),
      ...(isNew ? [{ words: [...words], began: new Date().toISOString() }] : []),
    ],
    tasks: merge(
      earlier?.tasks,
      tasks.map(({ task, data, options, loaded, questions, missing }) => ({
        name: task.name,
        title: task.title,
        data,
        options: { ...options },
        ...selection,
        available: loaded.questions.length,
        selected: questions.length,
        ...(missing && { missing: { pictures: missing.pictures, questions: missing.questions } }),
      })),
    ),
    configurations: merge(earlier?.configurations, configurations),
  };
  if (!isDeepStrictEqual(run, earlier)) await writeJson(runFiles.run(folder), run, true);
  return run;
}

/** The earlier ones in their places, replaced by newer ones of their name, then what is new. */
function merge<T extends { readonly name: string }>(earlier: readonly T[] = [], newer: readonly T[]): T[] {
  const all = new Map([...earlier, ...newer].map((one) => [one.name, one]));
  return [...all.values()];
}
