import { Command, InvalidArgumentError, Option } from "commander";
import { interruptible } from "../interrupt.js";
import {
  addModelOptions,
  addReductionOptions,
  addVideoOptions,
  type ModelOptions,
  questionOption,
  type ReductionOptions,
  seedOption,
  seeOptions,
} from "../options.js";
import { readAllShown, type VideoFlags } from "../shown.js";

interface EncodeOptions extends ModelOptions, ReductionOptions, VideoFlags {
  readonly output: string;
}

export function encodeCommand(): Command {
  const command = new Command("encode")
    .description(
      "write a picture's or a video's visual tokens as a .npy file, ready for another language model's server",
    )
    .argument("<picture>", "picture or video file; - is standard input")
    .addOption(
      new Option("-o, --output <file>", "the .npy file: float32, one row per visual token")
        .argParser(parseOutput)
        .makeOptionMandatory(),
    );
  addModelOptions(command);
  addReductionOptions(command);
  addVideoOptions(command);
  return command
    .addOption(seedOption())
    .addOption(questionOption())
    .addHelpText(
      "after",
      `
Examples:
  $ prumerge encode photo.jpg -o tokens.npy
  $ prumerge encode photo.jpg -o tokens.npy --visual-tokens 64 --model ./llava-1.5-7b-q4`,
    )
    .action((path: string, options: EncodeOptions) =>
      interruptible((signal) => encode(path, options, signal)),
    );
}

function parseOutput(path: string): string {
  if (path.toLowerCase().endsWith(".npy")) return path;
  throw new InvalidArgumentError("Expected a file name ending in .npy.");
}

async function encode(path: string, options: EncodeOptions, signal: AbortSignal): Promise<void> {
  const [{ withModel }, { chosenReducer, reducerOn }, { checkQuestionOption }] = await Promise.all([
    import("../open-model.js"),
    import("../reducer-option.js"),
    import("../check-question.js"),
  ]);
  // What is wrong here is said before a model is downloaded or converted.
  const chosen = chosenReducer(options);
  checkQuestionOption(chosen, options.question);
  const [shown] = await readAllShown([path], options, signal);
  await withModel({ ...options, pictures: [path] }, signal, async (model, status) => {
    status.show("Looking at the picture ...");
    const [{ encodeNpy }, { writeOutput }, { watchedNotes }] = await Promise.all([
      import("../../tensor/npy.js"),
      import("../write-output.js"),
      import("../answer-report.js"),
    ]);
    // A file of rows has no place for what their keys would add.
    const seen = await model.see(shown!, reducerOn(model, chosen, options), {
      ...seeOptions(options, signal),
      bias: false,
    });
    await writeOutput(options.output, encodeNpy(seen.embeddings), signal);
    status.clear();
    if (options.quiet) return;
    for (const note of watchedNotes([seen])) process.stderr.write(`Note: ${note}\n`);
    const { rows, columns } = seen.embeddings;
    const { method, unreducedTokens } = seen.statistics;
    const asked = seen.question === undefined ? "" : `, for ${JSON.stringify(seen.question)}`;
    process.stderr.write(
      `${options.output}: float32 [${rows}, ${columns}], ${method}, ${rows} of ${unreducedTokens} visual tokens${asked}\n`,
    );
    const runs = seen.parted?.runs.map((run) => run.embeddings.rows);
    if (runs === undefined) return;
    process.stderr.write(
      `Note: ${runs.join(", ")} rows of its views; the texts that the model's prompts have around them are not in the file.\n`,
    );
  });
}
