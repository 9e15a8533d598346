import { createHash } from "node:crypto";
import { PrumergeError } from "../../../errors.js";
import type { TableRow } from "../../files/table-rows.js";
import type { TaskPicture } from "../../task.js";

/** One row of an MMBench table: a question with its options in one of their rotations. */
export interface MmbenchRow {
  /** `base + k * 1,000,000` for the k-th rotation. */
  readonly index: number;
  readonly question: string;
  readonly hint: string;
  /** Cells A, B, C, D as they stand there, empty ones too. */
  readonly options: ReadonlyMap<string, string>;
  /** Letter of the right option; undefined in test files. */
  readonly answer: string | undefined;
  readonly category: string;
  /** The coarse category: the column `l2-category` or, in some files, `L2-category`. */
  readonly ability: string;
  readonly file: string;
  readonly line: number;
}

/** The rotations of a question have its index and a multiple of this. */
export const rotationStep = 1_000_000;

/** Which question a row is a rotation of. */
export function groupOf(index: number): number {
  return index % rotationStep;
}

/** @throws PrumergeError INVALID_FILE with file and line */
export function readRow(row: TableRow): MmbenchRow {
  const { cells, file, line } = row;
  const index = cell(row, "index");
  if (!/^\d{1,15}$/.test(index))
    throw rowError(row, "the index is no whole number", { found: JSON.stringify(index) });
  const letters = Object.keys(cells).filter((name) => /^[A-Z]$/.test(name));
  const { answer } = cells;
  if (answer !== undefined && !letters.includes(answer)) {
    throw rowError(row, "the right answer is none of the options", {
      expected: letters.join(", "),
      found: JSON.stringify(answer),
    });
  }
  return {
    index: Number(index),
    question: cell(row, "question"),
    hint: cells.hint ?? "",
    options: new Map(letters.sort().map((letter) => [letter, cells[letter]])),
    answer,
    category: cells.category ?? "",
    ability: cells["l2-category"] ?? cells["L2-category"] ?? "",
    file,
    line,
  };
}

function cell(row: TableRow, name: string): string {
  const text = row.cells[name];
  if (text !== undefined) return text;
  throw rowError(row, "a column is missing", {
    expected: `a column ${name}`,
    found: Object.keys(row.cells).join(", "),
    help: "MMBench's tables have index, question, hint, A to D, answer, category, image and more.",
  });
}

/** Pictures out of the cells `image`; equal ones, as in the rotations of a question, are kept once. */
export class PictureCells {
  readonly #byText = new Map<string, TaskPicture>();
  readonly #byIndex = new Map<string, TaskPicture>();

  /**
   * The picture of a row. Some releases give another row's index instead of repeating its picture.
   *
   * @throws PrumergeError INVALID_FILE with file and line for anything but base64
   */
  take(row: TableRow): TaskPicture {
    const text = cell(row, "image");
    const index = cell(row, "index");
    const digest = createHash("sha256").update(text).digest("base64");
    let picture = /^\d{1,15}$/.test(text) ? this.#byIndex.get(text) : this.#byText.get(digest);
    if (picture === undefined) {
      picture = { name: `${index}.jpg`, bytes: decode(row, text) };
      this.#byText.set(digest, picture);
    }
    this.#byIndex.set(index, picture);
    return picture;
  }
}

function decode(row: TableRow, text: string): Uint8Array {
  const bare = text.replace(/\s+/g, "");
  if (bare === "" || bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(bare)) {
    throw rowError(row, "the row has no picture", {
      expected: "a picture in base64 in the column image",
      found: bare === "" ? "an empty cell" : JSON.stringify(bare.slice(0, 40)),
    });
  }
  return Buffer.from(bare, "base64");
}

export function rowError({ file, line }: { file: string; line: number }, summary: string, details = {}) {
  return new PrumergeError("INVALID_FILE", summary, { where: `${file}:${line}`, ...details });
}
