#!/usr/bin/env node
import { exitCodes } from "./exit-codes.js";
import { leave } from "./leave.js";
import { isBrokenPipe } from "./reader-left.js";
import { runCommandLine } from "./run.js";

// The reader of a pipe may leave before the end, as `head` does: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (isBrokenPipe(error)) {
      // Work under way listens too, and ends by itself.
      if (stream.listenerCount("error") === 1) process.exit(exitCodes.ok);
      return;
    }
    if (stream === process.stdout)
      process.stderr.write(`prumerge: standard output cannot be written; found ${error.message}\n`);
    process.exit(exitCodes.failure);
  });
}

leave(await runCommandLine(process.argv.slice(2)));
