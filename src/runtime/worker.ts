/** Entry of a worker thread that holds the sessions of one half of an engine. */
import { parentPort, workerData } from "node:worker_threads";
import { localLanguage, localVision } from "./local-sides.js";
import { type Call, type Reply, toPlainError, transferables, type WorkerSetup } from "./worker-protocol.js";

const { side, files, options } = workerData as WorkerSetup;
const half =
  side === "vision"
    ? localVision(files, options)
    : localLanguage(files, { ...options, flushDenormals: true });
const methods = half as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

parentPort!.on("message", async ({ id, method, args }: Call) => {
  try {
    const result = await methods[method]!(...args);
    reply({ id, result }, transferables(result));
  } catch (error) {
    reply({ id, error: toPlainError(error) }, []);
  }
  if (method === "dispose") parentPort!.close();
});

function reply(message: Reply, transfer: ArrayBuffer[]): void {
  parentPort!.postMessage(message, transfer);
}
