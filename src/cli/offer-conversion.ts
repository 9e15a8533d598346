import { isModelFolder } from "../folder/model-folder.js";
import type { CheckpointModel } from "../hub/index.js";
import { conversionTarget, notConverted } from "../model/find-folder.js";
import { confirm } from "./confirm.js";
import { formatBytes, formatDuration } from "./format.js";
import { runConversion } from "./run-conversion.js";
import type { StatusLine } from "./status-line.js";

/** Whether a person sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

interface Asking {
  readonly mayAsk: boolean;
  readonly signal: AbortSignal;
  readonly status: StatusLine;
}

/**
 * The folder of a checkpoint's conversion: one that lies beside a local checkpoint from earlier, or one made now, after
 * asking.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL with the command to run where nobody can be asked, or the answer is no
 */
export async function findConversion(
  name: string,
  checkpoint: CheckpointModel,
  asking: Asking,
): Promise<string> {
  const destination = conversionTarget(checkpoint);
  if (await isModelFolder(destination)) return destination;
  if (!asking.mayAsk) throw notConverted(name, checkpoint);
  return offerConversion(name, checkpoint, destination, asking);
}

async function offerConversion(
  name: string,
  checkpoint: CheckpointModel,
  destination: string,
  { signal, status }: Asking,
): Promise<string> {
  const { source, dtype, downloadBytes, estimate } = checkpoint;
  status.clear();
  const lines = [
    `${name} is a checkpoint and has to be converted once (${dtype}):`,
    ...(downloadBytes > 0 ? [`  download   ${formatBytes(downloadBytes)}`] : []),
    `  disk       about ${formatBytes(estimate.outputBytes)} in ${destination}`,
    `  time       about ${formatDuration(estimate.seconds)}${downloadBytes > 0 ? " after the download" : ""}`,
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  const agreed = await confirm("Convert it now? [y/N] ", signal);
  if (!agreed) throw notConverted(name, checkpoint);
  return (await runConversion(source, destination, { dtype, signal }, status)).path;
}
