import { PrumergeError } from "../../errors.js";

/** What a queue needs and nothing else does: whoever runs one installs them. */
const command = "npm install bullmq@6 ioredis@5";

/**
 * The client of Redis.
 *
 * @throws PrumergeError NOT_FOUND where it is not installed, with the command that installs it
 */
export async function loadRedis() {
  const { Redis } = await import("ioredis").catch(refuse);
  return Redis;
}

/**
 * The queue on Redis.
 *
 * @throws PrumergeError NOT_FOUND where it is not installed, with the command that installs it
 */
export async function loadQueue() {
  const { Queue, Worker } = await import("bullmq").catch(refuse);
  return { Queue, Worker };
}

function refuse(cause: unknown): never {
  throw new PrumergeError("NOT_FOUND", "a queue needs two packages that are not installed", {
    where: "--queue",
    expected: "bullmq 6.7 or later, ioredis 5.11 or later",
    found: cause instanceof Error ? cause.message.split(" imported from")[0]! : String(cause),
    help: `Run: ${command} (with -g, where prumerge was installed so)`,
    cause,
  });
}
