import type { Redis } from "ioredis";
import { PrumergeError } from "../../errors.js";
import { loadQueue, loadRedis } from "./packages.js";

/** How long a server may take to answer at first, and longest pause between two attempts later, milliseconds. */
const patience = 5000;
const longestPause = 2000;

/** A Redis server that may go away for a while and come back. */
export interface RedisLink {
  readonly redis: Redis;
  /** Ends the connection without waiting for anything. */
  close(): void;
}

/**
 * Connects to a Redis server. Once it has answered, commands wait for it whenever it is away.
 *
 * @param url `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS
 * @param tell called when the server goes away, and when it is back
 * @throws PrumergeError INVALID_OPTION for another kind of address, NOT_FOUND where a package is missing, NETWORK where
 * nobody answers
 */
export async function connectRedis(url: string, tell: (text: string) => void): Promise<RedisLink> {
  const place = placeOf(url);
  const [Redis] = await Promise.all([loadRedis(), loadQueue()]);
  const redis = new Redis(url, {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: patience,
    retryStrategy: (times) => Math.min(100 * 2 ** times, longestPause),
  });
  let reason = "";
  redis.on("error", (error: Error) => {
    reason = error.message;
  });
  const started = Date.now();
  while (!(await answers(redis))) {
    if (Date.now() - started < patience && !/auth|password/i.test(reason)) continue;
    redis.disconnect();
    throw new PrumergeError("NETWORK", "the queue's server does not answer", {
      where: place,
      found: reason,
      expected: "a Redis server, 6.2 or later",
    });
  }
  let away = false;
  redis.on("close", () => {
    if (!away) tell(`The queue's server ${place} has gone away; waiting for it`);
    away = true;
  });
  redis.on("ready", () => {
    if (away) tell(`The queue's server ${place} is back`);
    away = false;
  });
  return {
    redis,
    close() {
      away = true;
      redis.disconnect();
    },
  };
}

async function answers(redis: Redis): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, 250, false).unref());
  try {
    if (redis.status === "wait") redis.connect().catch(() => undefined);
    return await Promise.race([late, redis.ping().then(() => true)]);
  } catch {
    return false;
  }
}

/** The address without its password. */
function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed !== undefined && ["redis:", "rediss:"].includes(parsed.protocol) && parsed.hostname !== "")
    return parsed.host;
  throw new PrumergeError("INVALID_OPTION", "not the address of a queue", {
    where: "--queue",
    expected: "redis://HOST:PORT/DATABASE",
    found: url.replace(/:\/\/[^@/]*@/, "://"),
  });
}
