/** ActivityNet-QA's types of questions, by the number that its files give them, as its program prints them. */
export const activityNetTypes = [
  "motion",
  "spatial-relation",
  "temporal-relation",
  "yes-no",
  "color",
  "object",
  "location",
  "number",
  "other",
] as const;

/** Types from here on are what the benchmark calls free questions. */
export const firstFreeType = 3;

export function isFree(type: number): boolean {
  return type >= firstFreeType;
}

/**
 * The types whose questions the official program divides the free ones' right answers by: all but the first three in the order
 * in which the answer file first has them. They are the free ones only where the file happens to begin with types 0, 1 and 2.
 *
 * @param firstSeen types in the order in which they first appear
 */
export function printedFreeTypes(firstSeen: readonly number[]): readonly number[] {
  return firstSeen.slice(firstFreeType);
}
