#!/usr/bin/env node
import { writeError } from "../write-error.js";
import { exitCodes } from "./exit-codes.js";
import { leave } from "./leave.js";
import { isBrokenPipe } from "./reader-left.js";
import { describeError } from "./report-error.js";
import { runCommandLine } from "./run.js";

// The reader of a pipe may leave before the end, as `head` does: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (isBrokenPipe(error)) {
      // Work under way listens too, and ends by itself.
      if (stream.listenerCount("error") === 1) process.exit(exitCodes.ok);
      return;
    }
    if (stream === process.stdout) {
      const failure = writeError(error, "standard output", { summary: "it cannot be written" });
      process.stderr.write(describeError(failure).text);
    }
    process.exit(exitCodes.failure);
  });
}

leave(await runCommandLine(process.argv.slice(2)));
