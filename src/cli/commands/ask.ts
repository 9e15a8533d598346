import { Command } from "commander";
import type { LoadedModel } from "../../model/model.js";
import type { Reducer } from "../../reduce/index.js";
import { interruptible } from "../interrupt.js";
import {
  type AnswerFlags,
  addAnswerOptions,
  addModelOptions,
  addReductionOptions,
  addVideoOptions,
  answerOptions,
  type ModelOptions,
  type ReductionOptions,
  seeOptions,
} from "../options.js";
import { splitQuestion } from "../pictures.js";
import { readAllShown, type Shown, spokenOf, type VideoFlags } from "../shown.js";

interface AskOptions extends ModelOptions, ReductionOptions, VideoFlags, AnswerFlags {
  readonly compare?: boolean;
}

export function askCommand(): Command {
  const command = new Command("ask")
    .description("answer a question about pictures or a video")
    .usage("[options] <picture...> <question>")
    .argument("<picture...>", "picture or video files (- is standard input), and last the question");
  addModelOptions(command);
  addReductionOptions(command);
  addVideoOptions(command);
  addAnswerOptions(command);
  return command
    .option("--compare", "also run the unreduced model and print both side by side")
    .option("--json", "print one JSON object, nothing else, on standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ prumerge ask photo.jpg "What is on the table?"
  $ prumerge ask photo.jpg "What is on the table?" --visual-tokens 64 --compare
  $ prumerge ask before.png after.png "What has changed?" --json
  $ prumerge ask clip.mp4 "What happens?" --model ./video-llava-7b
  $ prumerge ask "Who are you?"                          (no picture)
  $ curl -s https://example.org/cat.jpg | prumerge ask - "Is there a cat?"`,
    )
    .action((words: string[], options: AskOptions) => interruptible((signal) => ask(words, options, signal)));
}

async function ask(words: readonly string[], options: AskOptions, signal: AbortSignal): Promise<void> {
  const { paths, question } = await splitQuestion(words);
  if (paths.length === 0) await refusePictureOptions(options);
  const [{ withModel }, { chosenReducer, reducerOn }] = await Promise.all([
    import("../open-model.js"),
    import("../reducer-option.js"),
  ]);
  // What is wrong here is said before a model is downloaded or converted.
  const chosen = chosenReducer(options);
  const pictures = await readAllShown(paths, options, signal);
  await withModel({ ...options, pictures: paths }, signal, async (model, status) => {
    status.show("Looking at the picture ...");
    const run = {
      model,
      reducer: reducerOn(model, chosen, options),
      pictures,
      paths,
      question,
      options,
      signal,
    };
    await (options.compare ? askBoth(run, status) : askOnce(run, status));
  });
}

/** Nothing that is said of a picture is passed over where there is none. */
async function refusePictureOptions({
  method,
  visualTokens,
  option,
  imageAspect,
  views,
  minPixels,
  maxPixels,
  positions,
  compare,
  ...video
}: AskOptions): Promise<void> {
  const given = Object.entries({
    "--method": method,
    "--visual-tokens": visualTokens,
    "--option": option,
    "--image-aspect": imageAspect,
    "--views": views,
    "--min-pixels": minPixels,
    "--max-pixels": maxPixels,
    "--positions": positions,
    "--compare": compare,
  }).find(([, value]) => value !== undefined)?.[0];
  const found = given ?? spokenOf(video);
  if (found === undefined) return;
  const { PrumergeError } = await import("../../errors.js");
  throw new PrumergeError("INVALID_OPTION", "there is no picture that this could be said of", {
    where: found,
    expected: 'a picture before the question: prumerge ask PICTURE "What is this?"',
  });
}

interface Run {
  readonly model: LoadedModel;
  readonly reducer: Reducer | undefined;
  readonly pictures: readonly Shown[];
  readonly paths: readonly string[];
  readonly question: string;
  readonly options: AskOptions;
  readonly signal: AbortSignal;
}

type Status = { clear(): void };

async function askOnce(
  { model, reducer, pictures, paths, question, options, signal }: Run,
  status: Status,
): Promise<void> {
  const [{ reportAnswer, watchedNotes }, { formatStatistics }, { styled, write }] = await Promise.all([
    import("../answer-report.js"),
    import("../statistics.js"),
    import("../terminal.js"),
  ]);
  const seen = await model.see(pictures, reducer, { ...seeOptions(options, signal), question });
  const answer = model.answer(seen, question, answerOptions(options, signal));
  status.clear();
  let printed = false;
  if (!options.json) {
    for await (const text of answer) {
      await write(process.stdout, text);
      printed = true;
    }
    if (printed || !signal.aborted) await write(process.stdout, "\n");
  }
  const result = await answer.result;
  if (signal.aborted) throw signal.reason;
  const report = reportAnswer(seen, result);
  if (options.json)
    await write(process.stdout, jsonLine({ ...(await heading(model, paths, options)), question, ...report }));
  else if (!options.quiet) {
    for (const note of watchedNotes(seen)) process.stderr.write(`Note: ${note}\n`);
    process.stderr.write(`${styled(formatStatistics(report), "dim", process.stderr)}\n`);
  }
}

async function askBoth(
  { model, reducer = model.defaultReducer, pictures, paths, question, options, signal }: Run,
  status: Status,
): Promise<void> {
  const [{ formatComparison }, { reportAnswer }, { compareReducers }, { noReduction }, { widthOf, write }] =
    await Promise.all([
      import("../comparison.js"),
      import("../answer-report.js"),
      import("../../model/compare-reducers.js"),
      import("../../reduce/index.js"),
      import("../terminal.js"),
    ]);
  const compared = await compareReducers(model, pictures, question, [noReduction(), reducer], {
    see: seeOptions(options, signal),
    answer: answerOptions(options, signal),
  });
  const [unreduced, reduced] = compared.map(({ seen, result }) => reportAnswer(seen, result));
  status.clear();
  if (signal.aborted) throw signal.reason;
  await write(
    process.stdout,
    options.json
      ? jsonLine({ ...(await heading(model, paths, options)), question, ...reduced!, unreduced })
      : formatComparison(unreduced!, reduced!, widthOf(process.stdout)),
  );
}

/** What is in the JSON of any answer: whose it is, what is to be known of that model, and about which pictures. */
async function heading(model: LoadedModel, paths: readonly string[], options: AskOptions) {
  const [{ bundledModel }, { notesOn }] = await Promise.all([
    import("../../models/names.js"),
    import("../model-notes.js"),
  ]);
  return { model: options.model ?? bundledModel, notes: await notesOn(model, paths), paths };
}

function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
