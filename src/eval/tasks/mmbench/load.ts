import { PrumergeError } from "../../../errors.js";
import { readTsvRows } from "../../files/table-rows.js";
import type { TaskPicture } from "../../task.js";
import { checkRevision, findTable, isOfficialTable, type MmbenchFile } from "./revision.js";
import { checkRotation, checkRotations } from "./rotations.js";
import { groupOf, type MmbenchRow, PictureCells, readRow, rowError } from "./row.js";

/** A table of MMBench. */
export interface MmbenchTable {
  readonly file: string;
  /** In the order of the file. */
  readonly rows: readonly MmbenchRow[];
  /** By index of the row; the rotations of a question share one. */
  readonly pictures: ReadonlyMap<number, TaskPicture>;
}

/**
 * Reads a table. Rotations are taken as they stand in the file, never made: 53 questions of the development split have
 * three rows for four options, because "all of the above" stays in its place.
 *
 * @param circular whether all rotations count, which then have to be there
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line
 */
export async function readMmbench(
  folder: string,
  wanted: MmbenchFile,
  circular: boolean,
): Promise<MmbenchTable> {
  const file = await findTable(folder, wanted);
  const rows = new Map<number, MmbenchRow>();
  const pictures = new Map<number, TaskPicture>();
  const cells = new PictureCells();
  let columns: readonly string[] = [];
  for await (const record of readTsvRows(file)) {
    const row = readRow(record);
    const earlier = rows.get(row.index);
    if (earlier !== undefined) {
      throw rowError(row, "an index that stands twice", {
        found: `${row.index}, as on line ${earlier.line}`,
      });
    }
    rows.set(row.index, row);
    pictures.set(row.index, cells.take(record));
    columns = Object.keys(record.cells);
  }
  if (rows.size === 0) throw new PrumergeError("INVALID_FILE", "a table without rows", { where: file });
  for (const row of rows.values()) checkRotation(row, rows);
  const questions = [...rows.keys()].filter((index) => groupOf(index) === index).length;
  const size = { rows: rows.size, questions };
  checkRevision(file, wanted, { ...size, columns });
  // Test files, without answers, are scored elsewhere.
  const isJudged = circular && wanted.split === "dev";
  if (isJudged && !isOfficialTable(file, size)) checkRotations([...rows.values()]);
  return { file, rows: [...rows.values()], pictures };
}
