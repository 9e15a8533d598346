// A worker of evaluations that ends, as by a crash of native code, when it is asked a certain question.
// Arguments: address of the queue, folder of the benchmarks, words of that question.
import { connectRedis } from "../../dist/eval/queue/connection.js";
import { serveQueue } from "../../dist/eval/queue/serve-queue.js";
import { ownVersions } from "../../dist/eval/run/machine.js";
import { hashModel } from "../../dist/eval/run/model-files.js";
import { loadModel } from "../../dist/index.js";

const [url, data, poison] = process.argv.slice(2);
const model = await loadModel();
const crashing = new Proxy(model, {
  get(target, name) {
    const value = target[name];
    if (typeof value !== "function") return value;
    return (...words) => {
      if (name === "answer" && words[1].includes(poison)) process.kill(process.pid, "SIGKILL");
      return value.apply(target, words);
    };
  },
});
const { redis } = await connectRedis(url, () => undefined);
const { hash } = await hashModel(model.folder);
await serveQueue({
  redis,
  model: crashing,
  data,
  name: `crashing-${process.pid}`,
  own: { model: hash, versions: ownVersions(), prompt: "model", device: "cpu" },
  lockSeconds: 2,
  exitWhenDone: true,
  stop: new AbortController().signal,
  on: { tell: () => undefined },
});
process.exit(0);
