import { resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import type { RunnableTask } from "../eval/run/plan-assignments.js";
import { taskFolder } from "../eval/task-folder.js";
import { findTask } from "../eval/tasks/registry.js";

/**
 * Loads the benchmarks that a command names, each with those of the rules that it knows.
 *
 * @throws PrumergeError INVALID_OPTION for an unknown task or a rule that none of them knows, NOT_FOUND, INVALID_FILE
 */
export async function loadTasks(
  names: readonly string[],
  data: string,
  rules: Readonly<Record<string, string>> = {},
): Promise<RunnableTask[]> {
  const tasks = [...new Set(names)].map(findTask);
  const known = new Set(tasks.flatMap(({ options }) => options.map(({ name }) => name)));
  const unknown = Object.keys(rules).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new PrumergeError("INVALID_OPTION", "no task here has such a rule", {
      where: "--rule",
      expected: known.size === 0 ? "none" : [...known].join(", "),
      found: unknown,
    });
  }
  const loaded: RunnableTask[] = [];
  for (const task of tasks) {
    const own = Object.entries(rules).filter(([name]) => task.options.some((option) => option.name === name));
    const folder = resolve(await taskFolder(data, task));
    const options = Object.fromEntries(own);
    loaded.push({ task, loaded: await task.load(folder, options), data: folder, options });
  }
  return loaded;
}
