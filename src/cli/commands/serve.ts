import { Command, Option } from "commander";
import {
  addModelOptions,
  cacheOption,
  listMethods,
  positionsOption,
  prefillOption,
  seconds,
  visualTokensOption,
  wholeNumber,
} from "../options.js";
import type { ServeOptions } from "../serve-options.js";
import { ServerSignals } from "../server-signals.js";

export function serveCommand(): Command {
  const command = new Command("serve").description(
    "answer OpenAI's chat requests about pictures over HTTP, and serve the page that shows what the model sees",
  );
  addModelOptions(command);
  return command
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .addOption(
      wholeNumber("--port <n>", "port to listen on, 0 for any that is free", 0, 65_535).default(8000),
    )
    .option(
      "--method <name>",
      `reduction of requests that name none: ${listMethods()} (default: the model's)`,
    )
    .addOption(visualTokensOption("visual tokens of requests that name none (default: the method's)"))
    .addOption(positionsOption())
    .addOption(cacheOption())
    .addOption(prefillOption())
    .option("--model-name <name>", "name that clients ask for (default: the model's)")
    .option("--api-key-file <file>", "keys that clients must have one of, one per line (default: none)")
    .option("--no-keys", "listen beyond this machine without keys: everybody who reaches it may ask")
    .option("--backend <url>", "a vLLM server's /v1 that answers, while this one encodes and reduces")
    .option("--backend-model <name>", "the model's name there (default: the same)")
    .option("--backend-key-file <file>", "file with the one key for it")
    .addOption(
      wholeNumber(
        "--backend-tokens <n>",
        "exact count of visual tokens sent to it by default (default: 64)",
        1,
      ),
    )
    .option("--backend-strict", "refuse every other count: needed where several encoders share one backend")
    .option("--page <folder>", "built page to serve at / (default: the package's own)")
    .addOption(
      new Option("--fetch <what>", "which picture addresses are fetched")
        .choices(["https", "off"])
        .default("https"),
    )
    .option(
      "--fetch-allow <origin...>",
      "fetch from these alone, trusted as they are: https://pictures.example.org",
    )
    .option("--allow-host <name...>", "further names under which this server may be reached")
    .option("--allow-origin <origin...>", "pages of other origins that may ask")
    .addOption(wholeNumber("--max-running <n>", "requests worked on at once", 1).default(16))
    .addOption(
      wholeNumber("--max-waiting <n>", "requests that may wait; one more is answered 429", 0).default(128),
    )
    .addOption(wholeNumber("--max-body <MiB>", "largest request", 1).default(32))
    .addOption(wholeNumber("--max-picture <MiB>", "largest picture file", 1).default(16))
    .addOption(wholeNumber("--max-pixels <n>", "most pixels of a picture", 1).default(40_000_000))
    .addOption(wholeNumber("--max-video <MiB>", "largest video file", 1).default(64))
    .addOption(wholeNumber("--max-video-seconds <n>", "longest video", 1).default(600))
    .addOption(wholeNumber("--max-pictures <n>", "most pictures and videos of a request", 0).default(8))
    .addOption(wholeNumber("--max-prompt-tokens <n>", "longest prompt (default: the model's context)", 1))
    .addOption(wholeNumber("--max-output-tokens <n>", "longest answer", 1).default(2048))
    .addOption(seconds("--request-timeout <seconds>", "longest time for one request").default(600))
    .addOption(seconds("--drain-timeout <seconds>", "time to end in after SIGTERM").default(30))
    .addOption(wholeNumber("--picture-memory <MiB>", "visual tokens to remember", 0).default(256))
    .addOption(
      wholeNumber("--prefix-memory <MiB>", "keys and values of earlier prompts to keep", 0).default(512),
    )
    .addOption(
      wholeNumber(
        "--batch-memory <MiB>",
        "compute the next tokens of all answers under way in one run, whose keys and values may take so much (default: 0, answers take turns)",
        0,
      ),
    )
    .addOption(
      new Option("--log-level <level>", "what is logged on standard output, one JSON object per line")
        .choices(["silent", "error", "warn", "info", "debug"])
        .default("info"),
    )
    .addHelpText(
      "after",
      `
Examples:
  $ prumerge serve
  $ prumerge serve --host 0.0.0.0 --api-key-file keys.txt
  $ prumerge serve --host 0.0.0.0 --no-keys                    # behind something that lets nobody else in
  $ prumerge serve --model llava --backend http://gpu:8000/v1 --backend-tokens 64
  $ curl http://127.0.0.1:8000/v1/models`,
    )
    .action(async (options: ServeOptions) => {
      const signals = new ServerSignals(); // before what takes a while to load
      const { runServer } = await import("../run-server.js");
      await runServer(options, signals);
    });
}
