import { PrumergeError } from "../errors.js";
import type { TaskOption, TaskOptions } from "./task.js";

/**
 * A task's options with their defaults filled in.
 *
 * @throws PrumergeError INVALID_OPTION for a name or value that the task does not know
 */
export function chooseOptions<Name extends string>(
  known: readonly (TaskOption & { readonly name: Name })[],
  given: TaskOptions = {},
): Readonly<Record<Name, string>> {
  for (const [name, value] of Object.entries(given)) {
    const option = known.find((one) => one.name === name);
    if (option === undefined) {
      throw new PrumergeError("INVALID_OPTION", "the task has no such rule", {
        expected: known.length === 0 ? "none" : known.map((one) => one.name).join(", "),
        found: name,
      });
    }
    if (!option.values.includes(value)) {
      throw new PrumergeError("INVALID_OPTION", "the rule has no such value", {
        where: name,
        expected: option.values.join(", "),
        found: value,
      });
    }
  }
  const chosen = known.map(({ name, values }) => [name, given[name] ?? values[0]]);
  return Object.fromEntries(chosen) as Record<Name, string>;
}
