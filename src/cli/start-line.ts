import type { ServerLimits } from "../serve/limits.js";
import { version } from "../version.js";
import type { ServeOptions } from "./serve-options.js";

const mebibyte = 2 ** 20;

/** What a server is, in one line for whoever starts it or reads its output later. */
export function startLine(
  { device = "cpu", threads, backend }: Pick<ServeOptions, "device" | "threads" | "backend">,
  {
    modelName,
    limits,
    url,
    keys,
  }: { modelName: string; limits: ServerLimits; url: string; keys: number | undefined },
): string {
  const { running, waiting, bodyBytes, pictures, promptTokens, outputTokens } = limits;
  const prompt =
    promptTokens === Number.MAX_SAFE_INTEGER ? "the model's context" : counted(promptTokens, "token");
  return [
    `prumerge ${version}: ${modelName} on ${device}, ${threads === undefined ? "a thread per core" : counted(threads, "thread")}, at ${url}`,
    `${counted(running, "request")} at once and ${waiting} waiting, bodies of ${bodyBytes / mebibyte} MiB, ${counted(pictures, "picture")}`,
    `prompts of ${prompt}, answers of ${counted(outputTokens, "token")}`,
    ...(backend === undefined
      ? []
      : [`answered by ${new URL(backend).origin}, where rows stand one after another and weigh alike`]),
    keys === undefined ? "no keys: everybody who reaches it may ask" : counted(keys, "key"),
  ].join("; ");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
