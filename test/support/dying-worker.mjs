// A worker that dies on its first call: by leaving, or by an exception that nobody catches.
import { parentPort } from "node:worker_threads";

parentPort.on("message", ({ method }) => {
  if (method === "warm") process.exit(1);
  throw new Error("out of order");
});
