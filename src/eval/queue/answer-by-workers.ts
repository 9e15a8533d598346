import { setTimeout as sleep } from "node:timers/promises";
import type { Queue, Job as QueueJob } from "bullmq";
import type { Redis } from "ioredis";
import { PrumergeError } from "../../errors.js";
import type { Assignment } from "../run/assignment.js";
import type { JournalRecord } from "../run/run-folder.js";
import { announce, listRefusals, withdraw } from "./announcements.js";
import { jobOf } from "./job-of.js";
import { type Announcement, type Job, resultSchema } from "./messages.js";
import { loadQueue } from "./packages.js";

export interface FanOutOptions {
  readonly redis: Redis;
  readonly announcement: Announcement;
  /** Absolute path that pictures are named below. */
  readonly data: string;
  readonly tell: (text: string) => void;
}

/** Jobs in Redis at a time: enough for any number of workers, and a bound on its memory. */
const window = 500;
/** Milliseconds between two looks for results, two announcements, two searches for lost jobs, two looks at a stop. */
const pace = { results: 100, announcement: 5000, lost: 3000 };
/** How long jobs under way may take to end after Ctrl-C, milliseconds. */
const patience = 60_000;
/** A worker that finds its own data or model at fault hands a job back; so often, and nobody can do it. */
const attempts = 10;

/**
 * Has workers answer the assignments. Results are what jobs return, read again and again until there are all of them;
 * nothing depends on events, which BullMQ trims. Jobs that Redis has lost are added again.
 *
 * @throws PrumergeError RUNTIME where a job can be done by nobody; whatever `record` throws
 */
export async function answerByWorkers(
  assignments: readonly Assignment[],
  record: (record: JournalRecord) => Promise<unknown>,
  stop: AbortSignal,
  options: FanOutOptions,
): Promise<void> {
  if (assignments.length === 0) return;
  const queue = await openQueue(options);
  try {
    await new FanOut(queue, assignments, record, options).run(stop);
  } finally {
    await withdraw(options.redis, options.announcement.queue);
    await queue.close();
  }
}

/** A connection that fails at its beginning never works in BullMQ 6.7: another try is made. */
async function openQueue({ redis, announcement }: FanOutOptions): Promise<Queue> {
  const { Queue } = await loadQueue();
  for (;;) {
    const queue: Queue = new Queue(announcement.queue, {
      connection: redis,
      defaultJobOptions: {
        attempts,
        backoff: { type: "fixed", delay: 1000 },
        removeOnComplete: false, // their return values are the results
        removeOnFail: false,
      },
    });
    queue.on("error", () => undefined); // connections report for themselves
    try {
      await queue.waitUntilReady();
      return queue;
    } catch {
      await queue.close().catch(() => undefined);
      await sleep(pace.results);
    }
  }
}

class FanOut {
  readonly #waiting: IterableIterator<Assignment>;
  readonly #outstanding = new Map<string, { readonly job: Job; addedAt: number }>();
  readonly #refusals = new Set<string>();
  readonly #due = { announcement: 0, lost: Date.now() + pace.lost };

  constructor(
    readonly queue: Queue,
    assignments: readonly Assignment[],
    readonly record: (record: JournalRecord) => Promise<unknown>,
    readonly options: FanOutOptions,
  ) {
    this.#waiting = assignments.values();
  }

  async run(stop: AbortSignal): Promise<void> {
    await this.#removeStrangers();
    while ((await this.#fill()) > 0 && !stop.aborted) {
      await this.#announce();
      await this.#addLost();
      if ((await this.#collect()) === 0) await sleep(pace.results);
    }
    if (stop.aborted) await this.#finishActive();
    else await this.queue.obliterate({ force: true });
  }

  /** Adds jobs up to the window. @returns how many are outstanding */
  async #fill(): Promise<number> {
    const added: { readonly id: string; readonly job: Job }[] = [];
    while (this.#outstanding.size < window) {
      const next = this.#waiting.next();
      if (next.done) break;
      const one = jobOf(next.value, this.options.data);
      this.#outstanding.set(one.id, { job: one.job, addedAt: Date.now() });
      added.push(one);
    }
    await this.#add(added);
    return this.#outstanding.size;
  }

  async #add(jobs: readonly { readonly id: string; readonly job: Job }[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.queue.addBulk(
      jobs.map(({ id, job }) => ({ name: "questions", data: job, opts: { jobId: id } })),
    );
  }

  /** What an earlier, interrupted command left here and this one does not want. */
  async #removeStrangers(): Promise<void> {
    await this.#fill();
    for (const job of await this.queue.getJobs(["waiting", "delayed", "completed", "failed"])) {
      const strange = !this.#outstanding.has(job.id!) || (await job.isFailed());
      if (!strange) continue;
      await job.remove().catch(() => undefined);
      const known = this.#outstanding.get(job.id!);
      if (known !== undefined) await this.#add([{ id: job.id!, job: known.job }]);
    }
  }

  async #announce(): Promise<void> {
    if (Date.now() < this.#due.announcement) return;
    this.#due.announcement = Date.now() + pace.announcement;
    const { redis, announcement, tell } = this.options;
    await announce(redis, announcement);
    for (const reason of await listRefusals(redis, announcement.queue)) {
      if (!this.#refusals.has(reason)) tell(`Note: ${reason}`);
      this.#refusals.add(reason);
    }
  }

  /** A Redis server that was started anew without its data has forgotten them. */
  async #addLost(): Promise<void> {
    if (Date.now() < this.#due.lost) return;
    this.#due.lost = Date.now() + pace.lost;
    const ids = [...this.#outstanding.keys()];
    const pipeline = this.options.redis.pipeline();
    for (const id of ids) pipeline.exists(this.queue.toKey(id));
    const found = (await pipeline.exec()) ?? [];
    const lost = ids.filter((_, index) => found[index]?.[1] === 0);
    await this.#add(lost.map((id) => ({ id, job: this.#outstanding.get(id)!.job })));
  }

  /** @returns how many jobs it took */
  async #collect(): Promise<number> {
    const finished: QueueJob[] = await this.queue.getJobs(["completed", "failed"], 0, 99);
    let taken = 0;
    for (const job of finished) {
      const known = this.#outstanding.get(job?.id ?? "");
      if (known === undefined) {
        await job?.remove().catch(() => undefined);
        continue;
      }
      if (await job.isFailed()) throw this.#failed(job, known.job);
      for (const one of readResult(job, known.job)) await this.record(one);
      this.#outstanding.delete(job.id!);
      await job.remove().catch(() => undefined);
      taken++;
    }
    return taken;
  }

  #failed({ failedReason }: QueueJob, { task, questions }: Job): PrumergeError {
    return new PrumergeError("RUNTIME", "no worker can do a job of this run", {
      where: `${task}, question ${questions[0]!.id}`,
      found: failedReason ?? "no reason",
      help: "All other answers are kept: continue with the same command once that is mended",
    });
  }

  /** Takes back what nobody has begun, and waits for what somebody has. */
  async #finishActive(): Promise<void> {
    await withdraw(this.options.redis, this.options.announcement.queue);
    const deadline = Date.now() + patience;
    while (Date.now() < deadline) {
      await this.queue.drain(true);
      if ((await this.#collect()) === 0 && (await this.queue.getActiveCount()) === 0) return;
      await sleep(pace.results);
    }
  }
}

/** The records that a job returned, one for each of its questions. */
function readResult({ returnvalue, id }: QueueJob, { questions, task }: Job): readonly JournalRecord[] {
  const parsed = resultSchema.safeParse(returnvalue);
  const keys = new Set(parsed.data?.map(({ key }) => key));
  if (parsed.success && keys.size === questions.length && questions.every(({ key }) => keys.has(key)))
    return parsed.data;
  throw new PrumergeError("RUNTIME", "a worker returned something else than answers", {
    where: `${task}, job ${id}`,
    help: "Do all workers run this version of prumerge?",
    cause: parsed.error,
  });
}
