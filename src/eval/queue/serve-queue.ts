import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { PrumergeError } from "../../errors.js";
import { defaultCacheForm } from "../../models/cache-forms.js";
import type { Conditions, ShownPictures } from "../run/assignment.js";
import type { JournalRecord } from "../run/run-folder.js";
import { listRuns, refuseRun } from "./announcements.js";
import { doJob, type WorkerOutfit } from "./do-job.js";
import type { Announcement, Progress } from "./messages.js";
import { loadQueue } from "./packages.js";

export interface ServeOptions extends WorkerOutfit {
  readonly redis: Redis;
  /** What this worker has; a run that has anything else is refused. */
  readonly own: Omit<Conditions, keyof ShownPictures>;
  /** Seconds without a sign of life after which a worker is taken for dead, and its job given to another. */
  readonly lockSeconds: number;
  /** Ends with the last of the runs that it worked for, instead of waiting for more. */
  readonly exitWhenDone: boolean;
  /** Finishes the jobs under way and ends. */
  readonly stop: AbortSignal;
  readonly on: {
    readonly tell: (text: string) => void;
    readonly job?: (queue: string, questions: number) => void;
  };
}

/** Milliseconds between two looks for runs. */
const pace = 1000;

/** Milliseconds after which a worker asks for a job again when Redis has refused it one; BullMQ waits 15 seconds. */
const retryDelay = 1000;

/** Milliseconds without a word after which a run is held to have ended: a Redis server started anew knows of none at first. */
const silence = 30_000;

/**
 * How often a job may lose its worker; BullMQ gives up after one. Jobs keep count themselves, question by question, and
 * end long before that.
 */
const mostStalls = 1000;

/**
 * Works for all runs on a queue whose model and versions are this worker's own, until it is stopped.
 *
 * @throws PrumergeError INVALID_FILE, NOT_FOUND where its data turns out to be other than a run's; RUNTIME for a broken
 * model. Its jobs go to other workers.
 */
export async function serveQueue(options: ServeOptions): Promise<void> {
  const serving = new Map<string, RunWorker>();
  const refused = new Set<string>();
  const faults: unknown[] = [];
  let worked = false;
  try {
    while (!options.stop.aborted && faults.length === 0) {
      const runs = await listRuns(options.redis);
      for (const run of runs.waiting) {
        if (serving.has(run.queue)) continue;
        const reason = refusal(run, options);
        if (reason === undefined) {
          const worker = await RunWorker.start(run, options, (fault) => faults.push(fault));
          if (worker === undefined) continue;
          serving.set(run.queue, worker);
          options.on.tell(`Working for ${run.title}`);
          worked = true;
        } else {
          if (!refused.has(run.queue)) options.on.tell(`Refused: ${run.title}: ${reason}`);
          refused.add(run.queue);
          await refuseRun(options.redis, run.queue, `worker ${options.name} refuses this run: ${reason}`);
        }
      }
      for (const [queue, worker] of serving) {
        if (runs.waiting.some((run) => run.queue === queue)) worker.heardAt = Date.now();
        if (!runs.ended.includes(queue) && Date.now() - worker.heardAt < silence) continue;
        await worker.close();
        serving.delete(queue);
        options.on.tell(`Done: ${worker.title}`);
      }
      if (options.exitWhenDone && worked && serving.size === 0) return;
      await sleep(pace, undefined, { signal: options.stop }).catch(() => undefined);
    }
  } finally {
    await Promise.all([...serving.values()].map((worker) => worker.close()));
  }
  if (faults.length > 0) throw faults[0];
}

/** Why a run is not this worker's; undefined where it is. */
function refusal({ conditions }: Announcement, { own }: ServeOptions): string | undefined {
  const kinds: readonly (readonly [string, string, string])[] = [
    ["model hash", conditions.model, own.model],
    ["prumerge", conditions.versions.prumerge, own.versions.prumerge],
    ["ONNX Runtime", conditions.versions.onnxruntime, own.versions.onnxruntime],
    ["conversation", conditions.prompt, own.prompt],
    ["device", conditions.device, own.device],
    ["cache", conditions.cache ?? defaultCacheForm, own.cache ?? defaultCacheForm],
    ["prefill", conditions.prefill ?? "own", own.prefill ?? "own"],
  ];
  const other = kinds.find(([, theirs, ours]) => theirs !== ours);
  return other && `its ${other[0]} is ${other[1]}, the worker's is ${other[2]}`;
}

/** BullMQ's worker on the queue of one run. */
class RunWorker {
  /** When the run last said that it is there. */
  heardAt = Date.now();

  private constructor(
    readonly title: string,
    readonly worker: Worker,
  ) {}

  /** Undefined where Redis goes away meanwhile: a connection that fails at its beginning never works in BullMQ 6.7. */
  static async start(
    run: Announcement,
    options: ServeOptions,
    fault: (error: unknown) => void,
  ): Promise<RunWorker | undefined> {
    const { Worker } = await loadQueue();
    const work = async (job: Job): Promise<readonly JournalRecord[]> => {
      // A note that Redis does not take costs whoever takes the job over some work, and nothing else.
      const keep = (progress: Progress) => job.updateProgress(progress).catch(() => undefined);
      try {
        const records = await doJob(job.data, job.progress, run, options, keep);
        options.on.job?.(run.queue, records.length);
        return records;
      } catch (error) {
        fault(error);
        worker.close().catch(() => undefined); // the next job would meet the same fault; another worker takes it
        const message = PrumergeError.isInstance(error) ? error.message : String(error);
        throw new Error(`worker ${options.name}: ${message}`);
      }
    };
    const worker: Worker = new Worker(run.queue, work, {
      connection: options.redis,
      autorun: false,
      name: options.name,
      concurrency: 1,
      maxStalledCount: mostStalls,
      lockDuration: options.lockSeconds * 1000,
      stalledInterval: (options.lockSeconds * 1000) / 2,
      runRetryDelay: retryDelay,
    });
    worker.on("error", () => undefined); // connections report for themselves
    try {
      await worker.waitUntilReady();
    } catch {
      await worker.close(true).catch(() => undefined);
      return undefined;
    }
    worker.run().catch(() => undefined); // ends by being closed
    return new RunWorker(run.title, worker);
  }

  /** After the job under way. */
  close(): Promise<void> {
    return this.worker.close();
  }
}
