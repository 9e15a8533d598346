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
  const prompt = promptTokens === Number.MAX_SAFE_INTEGER ? "the model's context" : `${promptTokens} tokens`;
  return [
    `prumerge ${version}: ${modelName} on ${device}, ${threads === undefined ? "a thread per core" : `${threads} thread${threads === 1 ? "" : "s"}`}, at ${url}`,
    `${running} requests at once and ${waiting} waiting, bodies of ${bodyBytes / mebibyte} MiB, ${pictures} pictures`,
    `prompts of ${prompt}, answers of ${outputTokens} tokens`,
    ...(backend === undefined ? [] : [`answered by ${new URL(backend).origin}`]),
    keys === undefined ? "no keys: everybody who reaches it may ask" : `${keys} keys`,
  ].join("; ");
}
