import type { Redis } from "ioredis";
import { type Announcement, announcementSchema } from "./messages.js";

/** Names in Redis; BullMQ's own begin with `bull:`. */
const runs = "prumerge:runs";
const runKey = (queue: string) => `prumerge:run:${queue}`;
const refusalKey = (queue: string) => `prumerge:refusals:${queue}`;

/** Seconds that a run is believed to be there without saying so again. */
const lifetime = 30;

/** Says that a run has work; to be repeated well within half a minute. */
export async function announce(redis: Redis, announcement: Announcement): Promise<void> {
  const { queue } = announcement;
  await redis.set(runKey(queue), JSON.stringify(announcement), "EX", lifetime);
  await redis.sadd(runs, queue);
}

/** Takes the announcement back. */
export async function withdraw(redis: Redis, queue: string): Promise<void> {
  await redis.srem(runs, queue);
  await redis.del(runKey(queue), refusalKey(queue));
}

/** The runs that have work; those that other versions announce in words of their own are passed over. */
export async function listRuns(redis: Redis): Promise<Announcement[]> {
  const found: Announcement[] = [];
  for (const queue of (await redis.smembers(runs)).sort()) {
    const text = await redis.get(runKey(queue));
    if (text === null) await redis.srem(runs, queue);
    const parsed = announcementSchema.safeParse(text === null ? undefined : JSON.parse(text));
    if (parsed.success) found.push(parsed.data);
  }
  return found;
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
