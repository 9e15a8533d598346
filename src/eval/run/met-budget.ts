import { PrumergeError } from "../../errors.js";
import { formatBudget, shareRows } from "../../reduce/index.js";
import type { Configuration } from "./run-folder.js";

/**
 * Whether so many visual tokens of one picture are what the configuration's name says.
 *
 * @param patches N of the picture, which shares are of; where it is not known, any number may be a share
 */
export function meetsBudget(
  { budget }: Pick<Configuration, "budget">,
  visualTokens: number,
  patches?: number,
): boolean {
  switch (budget.kind) {
    case "exact":
      return visualTokens === budget.rows;
    case "share":
      return patches === undefined || visualTokens === shareRows(budget.ratio, patches);
    case "cap":
      return visualTokens <= budget.rows;
    default:
      return true; // the others promise no number
  }
}

/**
 * Refuses to go on under the name of a budget that the method does not meet: its scores would stand beside those of methods that
 * do with fewer tokens.
 *
 * @param had of the picture, as {@link meetsBudget} has them
 * @param picture its name, for the message
 * @throws PrumergeError INVALID_OPTION, which ends the run
 */
export function refuseMissedBudget(
  configuration: Configuration,
  { visualTokens, patches }: { readonly visualTokens: number; readonly patches?: number },
  picture: string,
): void {
  if (meetsBudget(configuration, visualTokens, patches)) return;
  const { budget, method, name } = configuration;
  const wanted = budget.kind === "cap" ? `${budget.rows} or fewer` : formatBudget(budget);
  throw new PrumergeError("INVALID_OPTION", `the method ${method} does not keep to its budget`, {
    where: `${name}, ${picture}`,
    expected: `${wanted} visual tokens`,
    found: String(visualTokens),
    help: "Mend the method, or ask it for a number that it gives; nothing is scored under another number",
  });
}
