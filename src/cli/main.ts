#!/usr/bin/env node
import { exitCodes } from "./exit-codes.js";
import { leave } from "./leave.js";
import { runCommandLine } from "./run.js";

// The reader of a pipe may leave before the end, as `head` does: that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.ok);
    if (stream === process.stdout)
      process.stderr.write(`prumerge: standard output cannot be written; found ${error.message}\n`);
    process.exit(exitCodes.failure);
  });
}

leave(await runCommandLine(process.argv.slice(2)));
