import { Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { PrumergeError } from "../../errors.js";
import { fileLimits } from "./limits.js";
import { readChunks } from "./read-chunks.js";

/** One row of a table, by the names of its columns. */
export interface TableRow {
  readonly cells: Readonly<Record<string, string>>;
  readonly file: string;
  /** Line on which the row begins, from 1. */
  readonly line: number;
}

/**
 * The rows of a file of tab-separated values with a header line, one by one. Quoted cells may hold tabs, line breaks and
 * doubled quotes; a quote inside of an unquoted cell is an ordinary character, as pandas reads it. Empty lines are passed over.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line: another number of cells than the header's,
 * a header that names a column twice
 */
export function readTsvRows(file: string): AsyncGenerator<TableRow> {
  return readRows(file, "\t");
}

/** The same of values that commas separate. */
export function readCsvRows(file: string): AsyncGenerator<TableRow> {
  return readRows(file, ",");
}

async function* readRows(file: string, delimiter: string): AsyncGenerator<TableRow> {
  const parser = parse({
    delimiter,
    bom: true,
    relax_quotes: true,
    skip_empty_lines: true,
    info: true,
    max_record_size: fileLimits.record,
  });
  const source = Readable.from(copies(file));
  source.on("error", (error) => parser.destroy(error));
  source.pipe(parser);
  let names: readonly string[] | undefined;
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (names === undefined) names = checkNames(record, file);
      else {
        const cells = Object.fromEntries(names.map((name, column) => [name, record[column]]));
        yield { cells, file, line };
      }
      line = info.lines + 1;
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw refusal(cause, `${file}:${cause.lines ?? line}`);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** The chunks are overwritten while the parser still needs them. */
async function* copies(file: string): AsyncGenerator<Buffer> {
  for await (const chunk of readChunks(file)) yield Buffer.from(chunk);
}

function checkNames(names: readonly string[], file: string): readonly string[] {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice === undefined) return names;
  throw new PrumergeError("INVALID_FILE", "a column stands twice", { where: `${file}:1`, found: twice });
}

function refusal(cause: CsvError, where: string): PrumergeError {
  if (cause.code === "CSV_MAX_RECORD_SIZE") {
    return new PrumergeError("LIMIT_EXCEEDED", "the row is too long", {
      where,
      expected: `at most ${fileLimits.record} bytes`,
      help: "A quote that is never closed?",
    });
  }
  return new PrumergeError("INVALID_FILE", "not a row of the table", {
    where,
    found: cause.message,
    help: "A file that was cut off, or a quote that is never closed?",
    cause,
  });
}
