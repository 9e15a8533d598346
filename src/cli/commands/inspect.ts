import { extname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { VisualTokens } from "../../see/visual-tokens.js";
import type { InspectionFormat } from "../../view/index.js";
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
import { readAllShown, type Shown, type VideoFlags } from "../shown.js";

interface InspectOptions extends ModelOptions, ReductionOptions, VideoFlags {
  readonly output?: { readonly path: string; readonly format: InspectionFormat };
}

const formats: readonly string[] = ["png", "svg", "html", "json"] satisfies InspectionFormat[];

export function inspectCommand(): Command {
  const command = new Command("inspect")
    .description("show which patches of a picture or a video are kept, and what is merged into them")
    .argument("<picture>", "picture or video file; - is standard input")
    .addOption(
      new Option(
        "-o, --output <file>",
        "png, svg, html or json by its ending; none: a small picture in the terminal",
      ).argParser(parseOutput),
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
The figure shows kept patches with their strength, who merged into whom (html: point at a patch), and the
histogram of the patches' attention (the class token's, or what each receives) with its interquartile-range fence.

Examples:
  $ prumerge inspect photo.jpg
  $ prumerge inspect photo.jpg -o kept.png --method prumerge
  $ prumerge inspect photo.jpg -o kept.html --visual-tokens 64
  $ prumerge inspect clip.mp4 -o film.html --model ./video-llava-7b   (a filmstrip with a scrubber)`,
    )
    .action((path: string, options: InspectOptions) =>
      interruptible((signal) => inspect(path, options, signal)),
    );
}

function parseOutput(path: string): InspectOptions["output"] {
  const format = extname(path).slice(1).toLowerCase();
  if (formats.includes(format)) return { path, format: format as InspectionFormat };
  throw new InvalidArgumentError(
    `Expected a file name ending in ${formats.map((one) => `.${one}`).join(", ")}.`,
  );
}

async function inspect(path: string, options: InspectOptions, signal: AbortSignal): Promise<void> {
  if (options.output !== undefined && resolve(options.output.path) === resolve(path)) {
    const { PrumergeError } = await import("../../errors.js");
    throw new PrumergeError("INVALID_OPTION", "the output would replace the picture", {
      where: "--output",
      expected: "another file name",
    });
  }
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
    const seen = await model.see(shown!, reducerOn(model, chosen, options), {
      ...seeOptions(options, signal),
      signals: true,
    });
    status.clear();
    await show(path === "-" ? "standard input" : path, shown!, seen, options, signal);
  });
}

async function show(
  name: string,
  shown: Shown,
  seen: VisualTokens,
  { output, quiet }: InspectOptions,
  signal: AbortSignal,
): Promise<void> {
  const [{ hasColours, write }, { writeOutput }, { isVideo }, view] = await Promise.all([
    import("../terminal.js"),
    import("../write-output.js"),
    import("../../video/video.js"),
    import("../../view/index.js"),
  ]);
  const colour = hasColours(process.stdout);
  if (isVideo(shown)) {
    // Remembered, as they were seen.
    const { frames } = await shown.take(seen.video!.sampling, { signal });
    const film = view.inspectVideo(frames, seen, name);
    if (output === undefined) return write(process.stdout, view.filmText(film, { colour, detail: 1 }));
    await writeOutput(output.path, await view.renderFilm(film, output.format), signal);
  } else {
    const inspection = view.inspectTokens(shown, seen, name);
    if (output === undefined) return write(process.stdout, view.renderText(inspection, { colour }));
    await writeOutput(output.path, await view.renderInspection(inspection, output.format), signal);
  }
  if (!quiet) {
    const { method, visualTokens, unreducedTokens } = seen.statistics;
    process.stderr.write(`${output.path}: ${method}, ${visualTokens} of ${unreducedTokens} visual tokens\n`);
  }
}
