import { recordError } from "../../files/json-record.js";
import { readText } from "../../files/read-whole.js";
import { strip } from "../../scoring/python-text.js";
import type { YesNo } from "./yes-no.js";

/** One line of MME's text files. */
export interface TableLine {
  readonly columns: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** MME's largest table has 400 lines; one line is a question and an answer. */
const tableBytes = 2 ** 24;

/**
 * The lines of a file with columns between tabs. Only an answer, the last of four columns, keeps outer white space.
 *
 * @param names of the columns, for errors
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line for another number of columns
 */
export async function readTable(file: string, names: readonly string[]): Promise<readonly TableLine[]> {
  const lines = (await readText(file, tableBytes)).split(/\r\n|\n|\r/);
  while (lines.length > 0 && strip(lines.at(-1)!) === "") lines.pop();
  return lines.map((text, index) => {
    const columns = (names.length < 4 ? strip(text) : text).split("\t");
    const line = { columns, file, line: index + 1 };
    if (columns.length === names.length) return line;
    throw lineError(line, "another number of columns", {
      expected: `${names.length} between tabs: ${names.join(", ")}`,
      found: `${columns.length}`,
      ...(columns.length > names.length && {
        help: "An answer with a tab in it? The official scorer stops there, too.",
      }),
      ...(columns.length === 1 && { help: "The line before has an answer with a line break in it?" }),
    });
  });
}

/** @throws PrumergeError INVALID_FILE for anything but yes or no, in whatever case */
export function yesOrNo(line: TableLine, text: string): YesNo {
  const word = strip(text).toLowerCase();
  if (word === "yes" || word === "no") return word;
  throw lineError(line, "neither Yes nor No is the right answer", { found: JSON.stringify(text) });
}

export function lineError({ file, line }: TableLine, summary: string, details = {}) {
  return recordError({ file, line, entry: line }, summary, details);
}
