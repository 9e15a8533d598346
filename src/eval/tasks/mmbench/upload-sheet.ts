import { extname } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { isMissingText } from "../../choices/missing-text.js";
import type { GivenAnswer } from "../../task.js";
import { readSheet, type Sheet } from "./read-sheet.js";
import { type MmbenchRow, rowError } from "./row.js";

/**
 * Reads the Excel file that MMBench's server and VLMEvalKit take: columns `index` and `prediction`, and question and
 * options, which must be the table's. An empty prediction is none.
 *
 * @returns undefined for anything but `.xlsx`
 * @throws PrumergeError INVALID_FILE with file and row
 */
export async function readUploadSheet(
  path: string,
  rows: ReadonlyMap<number, MmbenchRow>,
): Promise<readonly GivenAnswer[] | undefined> {
  if (extname(path).toLowerCase() !== ".xlsx") return undefined;
  const sheet = await readSheet(path);
  for (const name of ["index", "prediction"]) {
    if (sheet.columns.has(name)) continue;
    throw new PrumergeError("INVALID_FILE", "not a sheet of answers to MMBench", {
      where: `${path}:1`,
      expected: "columns index and prediction",
      found: [...sheet.columns.keys()].join(", "),
    });
  }
  return sheet.rows.flatMap((_, at) => {
    const place = { file: path, line: at + 2 };
    const index = textAt(sheet, at, "index");
    const row = rows.get(Number(index));
    if (row !== undefined) checkWords(sheet, at, row, place);
    const text = textAt(sheet, at, "prediction");
    return text === undefined
      ? []
      : [{ question: index ?? "a row without index", prompt: undefined, text, ...place }];
  });
}

function checkWords(sheet: Sheet, at: number, row: MmbenchRow, place: { file: string; line: number }): void {
  for (const [name, expected] of [["question", row.question] as const, ...row.options]) {
    const cell = sheet.columns.has(name) ? sheet.rows[at][sheet.columns.get(name)!] : undefined;
    const isSame =
      typeof cell === "string" ? words(cell) === words(expected) : cell !== null || isMissingText(expected);
    if (isSame) continue;
    throw rowError(
      place,
      `not the ${name === "question" ? name : `option ${name}`} of row ${row.index} of the table`,
      {
        expected: JSON.stringify(expected),
        found: JSON.stringify(cell),
        help: "Answers to another revision of MMBench?",
      },
    );
  }
}

/**
 * For comparison, without differences in white space. Of characters beyond U+FFFF only the lower half counts: where the sheet
 * has them as numbers (openpyxl writes `&#128081;`), its reader gives no more.
 */
function words(text: string): string {
  const halves = Array.from(text, (character) => String.fromCharCode(character.codePointAt(0)!)).join("");
  return halves.replace(/\s+/g, " ").trim();
}

/** A cell as pandas would give it as a text; undefined for an empty one. */
function textAt({ rows, columns }: Sheet, at: number, name: string): string | undefined {
  const cell = rows[at][columns.get(name)!];
  if (cell === null || cell === undefined) return undefined;
  if (typeof cell === "boolean") return cell ? "True" : "False";
  return String(cell);
}
