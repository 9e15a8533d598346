import { Command } from "commander";
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
import type { VideoFlags } from "../shown.js";

interface ChatOptions extends ModelOptions, ReductionOptions, VideoFlags, AnswerFlags {}

export function chatCommand(): Command {
  const command = new Command("chat")
    .description("talk about pictures and videos; what was said before is remembered")
    .argument("[picture...]", "picture or video files (not -), shown with the first question");
  addModelOptions(command);
  addReductionOptions(command);
  addVideoOptions(command);
  addAnswerOptions(command);
  return command
    .addHelpText(
      "after",
      `
Within the chat: /picture FILE shows another picture, /method NAME [TOKENS] changes the reduction, /clear starts
over, /help, /quit. Ctrl-C stops an answer. Questions may also come through a pipe, one per line.

Examples:
  $ prumerge chat photo.jpg
  $ printf 'What is this?\\nWhat color is it?\\n' | prumerge chat photo.jpg --quiet`,
    )
    .action((paths: string[], options: ChatOptions) =>
      interruptible((signal) => chat(paths, options, signal)),
    );
}

async function chat(paths: readonly string[], options: ChatOptions, signal: AbortSignal): Promise<void> {
  const [
    { withModel },
    { ChatSession },
    { talk },
    { chosenReducer, reducerOn },
    { readShown },
    { refuseStandardInput },
    { tellNotes },
  ] = await Promise.all([
    import("../open-model.js"),
    import("../chat-session.js"),
    import("../talk.js"),
    import("../reducer-option.js"),
    import("../shown.js"),
    import("../pictures.js"),
    import("../model-notes.js"),
  ]);
  const chosen = chosenReducer(options);
  for (const path of paths) await refuseStandardInput(path);
  const pictures = await readShown(paths, options, signal);
  await withModel({ ...options, pictures: "later" }, signal, async (model) => {
    const session = new ChatSession(model, {
      reducer: reducerOn(model, chosen, options) ?? model.defaultReducer,
      see: seeOptions(options, signal),
      answer: answerOptions(options, signal),
      seed: options.seed,
    });
    await session.show(pictures);
    const quiet = options.quiet === true;
    const note = tellNotes(model, (text) => void (quiet || process.stderr.write(text)));
    if (paths.length > 0) await note(paths);
    await talk(session, { quiet, signal, pictures: paths, note, video: options });
  });
}
