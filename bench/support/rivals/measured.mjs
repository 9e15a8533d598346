// What every rival's process has in common.
import { readFileSync } from "node:fs";

/** Tokens that mean nothing: the same for every program. */
export function promptOf(length) {
  return Array.from({ length }, (_, at) => 300 + ((at * 37) % 1000));
}

export function largest(logits) {
  let best = 0;
  for (let at = 1; at < logits.length; at++) if (logits[at] > logits[best]) best = at;
  return best;
}

/** Bytes: the most that was resident so far, and what of the present no file backs. */
export function memory() {
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (name) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) * 1024;
  return { peak: bytes("VmHWM"), anonymous: bytes("RssAnon") };
}
