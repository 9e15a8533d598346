import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { askCommand } from "./commands/ask.js";
import { chatCommand } from "./commands/chat.js";
import { convertCommand } from "./commands/convert.js";
import { costCommand } from "./commands/cost.js";
import { demoCommand } from "./commands/demo.js";
import { encodeCommand } from "./commands/encode.js";
import { evalCommand } from "./commands/eval.js";
import { infoCommand } from "./commands/info.js";
import { inspectCommand } from "./commands/inspect.js";
import { reportCommand } from "./commands/report.js";
import { scoreCommand } from "./commands/score.js";
import { serveCommand } from "./commands/serve.js";
import { workerCommand } from "./commands/worker.js";
import { exitCodes } from "./exit-codes.js";
import { ReaderLeft } from "./reader-left.js";
import { describeError } from "./report-error.js";

const commands = [
  askCommand,
  chatCommand,
  inspectCommand,
  encodeCommand,
  convertCommand,
  infoCommand,
  evalCommand,
  workerCommand,
  scoreCommand,
  reportCommand,
  costCommand,
  serveCommand,
  demoCommand,
];

/** Runs one command line; never throws. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(words, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof ReaderLeft) return exitCodes.ok;
    const { text, exitCode } = describeError(error);
    process.stderr.write(text);
    return exitCode;
  }
}

function buildProgram(): Command {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const program = new Command("prumerge")
    .description(
      "Ask a picture, with the visual tokens reduced by LLaVA-PruMerge. Offline, in Node, without Python.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .addHelpText(
      "after",
      `
Examples:
  $ prumerge ask photo.jpg "What is on the table?"
  $ prumerge inspect photo.jpg -o kept.png
  $ prumerge COMMAND --help

Exit status: 0 success, 1 failure, 2 a mistake on the command line, 130 interrupted.
Environment: PRUMERGE_DEBUG=1 adds where an error comes from; NO_COLOR turns colours off; HF_HOME, HF_TOKEN,
HF_HUB_OFFLINE, HF_ENDPOINT, HTTPS_PROXY and the rest as in Python (docs/hub.md).`,
    );
  for (const create of commands) program.addCommand(create());
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError(
        `Try: ${["prumerge", command.name()].filter((name, i) => i === 0 || name !== "prumerge").join(" ")} --help`,
      );
  }
  return program;
}
