import { PrumergeError } from "../../errors.js";
import { formatBudget } from "../../reduce/index.js";
import type { Configuration } from "./run-folder.js";

/** Whether so many visual tokens of one picture are what the configuration's name says. */
export function meetsBudget({ budget }: Pick<Configuration, "budget">, visualTokens: number): boolean {
  if (budget.kind === "exact") return visualTokens === budget.rows;
  return budget.kind !== "cap" || visualTokens <= budget.rows; // the others promise no number
}

/**
 * Refuses to go on under the name of a budget that the method does not meet: its scores would stand beside those of methods that
 * do with fewer tokens.
 *
 * @param picture its name, for the message
 * @throws PrumergeError INVALID_OPTION, which ends the run
 */
export function refuseMissedBudget(
  configuration: Configuration,
  visualTokens: number,
  picture: string,
): void {
  if (meetsBudget(configuration, visualTokens)) return;
  const { budget, method, name } = configuration;
  const wanted = budget.kind === "cap" ? `${budget.rows} or fewer` : formatBudget(budget);
  throw new PrumergeError("INVALID_OPTION", `the method ${method} does not keep to its budget`, {
    where: `${name}, ${picture}`,
    expected: `${wanted} visual tokens`,
    found: String(visualTokens),
    help: "Mend the method, or ask it for a number that it gives; nothing is scored under another number",
  });
}
