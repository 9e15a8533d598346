import { hostname } from "node:os";
import { resolve } from "node:path";
import { connectRedis } from "../eval/queue/connection.js";
import { serveQueue } from "../eval/queue/serve-queue.js";
import { ownVersions } from "../eval/run/machine.js";
import { hashModel } from "../eval/run/model-files.js";
import { promptKind } from "../eval/run/prompt.js";
import { untilLoaded } from "./interrupt.js";
import { withModel } from "./open-model.js";
import type { ModelOptions } from "./options.js";

/** Options of `prumerge worker`. */
export interface WorkerOptions extends ModelOptions {
  readonly queue: string;
  readonly data: string;
  readonly lockSeconds: number;
  readonly exitWhenDone?: boolean;
}

/** `prumerge worker`: connects, loads the model and works until it is stopped. */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const tell = (text: string) => options.quiet || process.stderr.write(`${text}\n`);
  const link = await connectRedis(options.queue, tell);
  const loading = untilLoaded(signal);
  try {
    await withModel(options, loading.signal, async (model, status) => {
      loading.done();
      status.show("Hashing the model's files ...");
      const { hash } = await hashModel(model.folder);
      status.clear();
      let [jobs, answers] = [0, 0];
      await serveQueue({
        redis: link.redis,
        model,
        data: resolve(options.data),
        name: `${hostname()}-${process.pid}`,
        own: {
          model: hash,
          versions: ownVersions(),
          prompt: promptKind(model.spec),
          device: options.device ?? "cpu",
          ...model.otherForms,
        },
        lockSeconds: options.lockSeconds,
        exitWhenDone: options.exitWhenDone === true,
        stop: signal,
        on: {
          tell,
          job(_, questions) {
            jobs++;
            answers += questions;
            status.show(`${answers} answers in ${jobs} jobs`);
          },
        },
      });
      status.clear();
      tell(`${answers} answers in ${jobs} jobs`);
    });
  } finally {
    link.close();
  }
}
