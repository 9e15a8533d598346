import { setTimeout as wait } from "node:timers/promises";
import type { JudgeEndpoint } from "./endpoint.js";
import type { JudgeMessage } from "./judge-request.js";
import { readOfficially } from "./read-reply.js";
import { type JudgeReply, requestReply } from "./request-reply.js";

/** Everything that came of asking about one answer. */
export interface AskedJudge {
  /** In their order; the last one is read officially, or none is. */
  readonly replies: readonly JudgeReply[];
  /** Why requests brought no reply, in their order. */
  readonly refusals: readonly string[];
}

/** First wait after a request without a reply, milliseconds; each next one is twice as long, up to 30 s. */
const firstWait = 500;
const longestWait = 30_000;

/**
 * Asks a judge about one answer until a reply is read officially. The official programs ask on for ever; this ends.
 *
 * @param attempts requests at most
 * @throws as {@link requestReply}
 */
export async function askJudge(
  endpoint: JudgeEndpoint,
  messages: readonly JudgeMessage[],
  attempts: number,
  signal: AbortSignal,
): Promise<AskedJudge> {
  const replies: JudgeReply[] = [];
  const refusals: string[] = [];
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const reply = await requestReply(endpoint, messages, signal);
    if ("text" in reply) {
      replies.push(reply);
      if (readOfficially(reply.text).saved) break;
      continue;
    }
    refusals.push(reply.reason);
    if (!reply.again || attempt === attempts) break;
    const pause = Math.min(longestWait, firstWait * 2 ** (refusals.length - 1));
    await wait(Math.max(pause, reply.after ?? 0), undefined, { signal });
  }
  return { replies, refusals };
}
