import { isMissingText } from "../../choices/missing-text.js";
import { groupOf, type MmbenchRow, rotationStep, rowError } from "./row.js";

/** The rows of each question, in the order in which questions first come. */
export function rowsByQuestion(rows: readonly MmbenchRow[]): readonly (readonly MmbenchRow[])[] {
  const groups = new Map<number, MmbenchRow[]>();
  for (const row of rows) {
    const group = groups.get(groupOf(row.index));
    if (group === undefined) groups.set(groupOf(row.index), [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** The rotation before it must be there, so that a question does not get easier by rows that are lost. */
export function checkRotation(row: MmbenchRow, rows: ReadonlyMap<number, MmbenchRow>): void {
  if (groupOf(row.index) === row.index || rows.has(row.index - rotationStep)) return;
  throw rowError(row, "the rotation before this one is missing", {
    expected: `a row with index ${row.index - rotationStep}`,
    found: `index ${row.index}`,
  });
}

/**
 * Every option of a question must have its turn in every place: as many rows as options, or one less where the last option
 * ("all of the above") stays in its place. Rows that were lost at a question's end are seen nowhere else.
 *
 * @throws PrumergeError INVALID_FILE with file and line
 */
export function checkRotations(rows: readonly MmbenchRow[]): void {
  for (const group of rowsByQuestion(rows)) {
    const options = optionsOf(group[0]);
    const lasts = new Set(group.map((row) => optionsOf(row).at(-1)));
    const stays = options.length > 2 && lasts.size === 1;
    const least = options.length - (stays ? 1 : 0);
    if (group.length >= least) continue;
    throw rowError(group.at(-1)!, "rotations of a question are missing", {
      expected: `${least} rows for ${options.length} options (question ${groupOf(group[0].index)})`,
      found: String(group.length),
      help: "CircularEval needs a table with all rotations; --rule rows=first scores the first rows alone.",
    });
  }
}

/** Texts of the options; a cell that pandas takes for an empty one may have had no turn. */
function optionsOf({ options }: MmbenchRow): readonly string[] {
  return [...options.values()].filter((text) => !isMissingText(text));
}
