/** Entry of a worker thread that holds the sessions of one half of an engine. */
import { parentPort, workerData } from "node:worker_threads";
import { carryOut } from "./carry-out.js";
import { localLanguage, localVision } from "./local-sides.js";
import { nodeRuntime } from "./ort.js";
import type { Call, WorkerSetup } from "./worker-protocol.js";

const { side, files, options, decoder } = workerData as WorkerSetup;
const half =
  side === "vision"
    ? localVision(nodeRuntime, files, options)
    : localLanguage(nodeRuntime, files, { ...options, flushDenormals: true }, decoder);

parentPort!.on("message", async (call: Call) => {
  await carryOut(half, call, (reply, transfer) => parentPort!.postMessage(reply, transfer));
  if (call.method === "dispose") parentPort!.close();
});
