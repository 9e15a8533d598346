import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import type { Task } from "./task.js";

/**
 * The folder of one task's files: `DATA/<task>` in whatever case (LLaVA's `playground/data/eval` has `vqav2` and `MME`),
 * or `DATA` itself where it has no such folder.
 *
 * @throws PrumergeError NOT_FOUND where there is no folder DATA
 */
export async function taskFolder(data: string, task: Pick<Task, "name">): Promise<string> {
  const entries = await readdir(data, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw new PrumergeError("NOT_FOUND", "the folder of the benchmarks cannot be read", {
      where: data,
      found: cause.code === "ENOENT" ? "nothing there" : cause.message,
      cause,
    });
  });
  const inside = entries
    .filter((entry) => !entry.isFile() && entry.name.toLowerCase() === task.name)
    .map((entry) => entry.name);
  return inside.length === 0 ? data : join(data, inside.sort().at(-1)!);
}
