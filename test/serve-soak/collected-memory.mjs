// Loaded into a program that is looked at (node --expose-gc --import): answers every message of its parent with the memory
// that is left after a collection in each of its threads.
import { BroadcastChannel, isMainThread } from "node:worker_threads";

const channel = new BroadcastChannel("collected-memory");
channel.unref();

if (isMainThread) {
  let threads = 0;
  let collected;
  channel.onmessage = ({ data }) => {
    if (data === "started") threads++;
    if (data === "collected") collected?.();
  };
  process.on("message", () => {
    let waiting = threads;
    const answer = () => process.send({ resident: process.memoryUsage.rss() });
    collected = () => {
      if (--waiting === 0) answer();
    };
    globalThis.gc();
    if (waiting === 0) answer();
    else channel.postMessage("collect");
  });
  process.channel?.unref();
} else {
  channel.postMessage("started");
  channel.onmessage = ({ data }) => {
    if (data !== "collect") return;
    globalThis.gc();
    channel.postMessage("collected");
  };
}
