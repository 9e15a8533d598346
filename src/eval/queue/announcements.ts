import type { Redis } from "ioredis";
import { type Announcement, announcementSchema } from "./messages.js";

/** Names in Redis; BullMQ's own begin with `bull:`. */
const runs = "prumerge:runs";
const runKey = (queue: string) => `prumerge:run:${queue}`;
const refusalKey = (queue: string) => `prumerge:refusals:${queue}`;

/** What stands in the place of an announcement after the run's end. */
const ended = "ended";

/** Seconds that a run is believed to be there without saying so again. */
const lifetime = 30;

/** Says that a run has work; to be repeated well within half a minute. */
export async function announce(redis: Redis, announcement: Announcement): Promise<void> {
  const { queue } = announcement;
  await redis.set(runKey(queue), JSON.stringify(announcement), "EX", lifetime);
  await redis.sadd(runs, queue);
}

/** Says that a run has ended, in the announcement's place. */
export async function withdraw(redis: Redis, queue: string): Promise<void> {
  await redis.set(runKey(queue), ended, "EX", lifetime);
  await redis.del(refusalKey(queue));
}

/** The runs of a Redis server. A run that is in neither list has not been heard of for half a minute, or Redis lost it. */
export interface KnownRuns {
  readonly waiting: readonly Announcement[];
  /** Queues of runs that have ended. */
  readonly ended: readonly string[];
}

/** Announcements that other versions make in words of their own are passed over. */
export async function listRuns(redis: Redis): Promise<KnownRuns> {
  const waiting: Announcement[] = [];
  const over: string[] = [];
  for (const queue of (await redis.smembers(runs)).sort()) {
    const text = await redis.get(runKey(queue));
    if (text === null) await redis.srem(runs, queue);
    if (text === ended) over.push(queue);
    const parsed = announcementSchema.safeParse(parseJson(text));
    if (parsed.success) waiting.push(parsed.data);
  }
  return { waiting, ended: over };
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

/** Tells a run why a worker does not take its jobs. */
export async function refuseRun(redis: Redis, queue: string, reason: string): Promise<void> {
  await redis.sadd(refusalKey(queue), reason);
  await redis.expire(refusalKey(queue), lifetime);
}

/** Why workers did not take a run's jobs. */
export function listRefusals(redis: Redis, queue: string): Promise<string[]> {
  return redis.smembers(refusalKey(queue));
}
