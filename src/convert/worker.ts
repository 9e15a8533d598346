import { parentPort, workerData } from "node:worker_threads";
import { BandWriter } from "./band-writer.js";
import type { RowBand } from "./weight-job.js";
import { type BandReply, failure } from "./worker-messages.js";

// Entry of a conversion worker: one band in, one reply out, until the pool ends the thread.
const writer = new BandWriter(workerData as readonly string[]);

parentPort?.on("message", async (band: RowBand) => {
  let reply: BandReply = { ok: true };
  try {
    await writer.carryOut(band);
  } catch (error) {
    reply = failure(error);
  }
  parentPort?.postMessage(reply);
});
