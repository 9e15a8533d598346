import { createInterface } from "node:readline/promises";
import { notConverted } from "../generate/find-folder.js";
import type { CheckpointModel } from "../hub/index.js";
import { formatBytes, formatDuration } from "./format.js";
import { runConversion } from "./run-conversion.js";
import type { StatusLine } from "./status-line.js";

/** Whether a person sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks whether to convert a checkpoint now, saying what it takes, and does so.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL with the command to run where the answer is no
 */
export async function offerConversion(
  name: string,
  checkpoint: CheckpointModel,
  signal: AbortSignal,
  status: StatusLine,
): Promise<string> {
  const { source, destination = `${source.replace(/[/\\]+$/, "")}-${checkpoint.dtype}`, dtype } = checkpoint;
  const { downloadBytes, estimate } = checkpoint;
  status.clear();
  const lines = [
    `${name} is a checkpoint and has to be converted once (${dtype}):`,
    ...(downloadBytes > 0 ? [`  download   ${formatBytes(downloadBytes)}`] : []),
    `  disk       about ${formatBytes(estimate.outputBytes)} in ${destination}`,
    `  time       about ${formatDuration(estimate.seconds)}${downloadBytes > 0 ? " after the download" : ""}`,
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const reply = await terminal.question("Convert it now? [y/N] ", { signal }).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(reply.trim())) throw notConverted(name, checkpoint);
  const folder = await runConversion(source, destination, { dtype, signal }, status);
  if (checkpoint.destination === undefined) {
    process.stderr.write(`Converted. From now on use --model ${destination}\n`);
  }
  return folder.path;
}
