import { open } from "node:fs/promises";
import { z } from "zod";
import { PrumergeError } from "../../errors.js";

/** A file of records that grows line by line, and how they are read. */
export interface JournalForm<Line> {
  readonly header: z.ZodType;
  readonly record: z.ZodType<Line>;
  /** What a removed line costs, for whoever has to mend one by hand. */
  readonly loss: string;
}

/** A line of a journal on disk. */
export interface JournalLine<Line> {
  /** Undefined for the header, and for a last line that was not written to its end. */
  readonly record: Line | undefined;
  /** Bytes of the file before this line, and after it, its line break included. */
  readonly start: number;
  readonly end: number;
  /** `torn`: the last line, and no whole one. `open`: the last line, whole but for its line break. */
  readonly state: "whole" | "open" | "torn";
}

const lineBreak = 10;

/**
 * Reads a journal line by line, in pieces: it may be larger than memory.
 *
 * @throws PrumergeError INVALID_FILE with the line for anything else than a last line torn at its end
 */
export async function* readLines<Line>(
  path: string,
  form: JournalForm<Line>,
): AsyncGenerator<JournalLine<Line>> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "no journal here", { where: path, cause });
  });
  let number = 0;
  let start = 0;
  try {
    for await (const { bytes, terminated } of splitLines(handle.createReadStream({ autoClose: false }))) {
      number++;
      const end = start + bytes.length + (terminated ? 1 : 0);
      const value = parseJson(bytes);
      if (value === undefined && !terminated) {
        yield { record: undefined, start, end, state: "torn" };
        return;
      }
      const record = check(form, value, number, path);
      yield { record, start, end, state: terminated ? "whole" : "open" };
      start = end;
    }
  } finally {
    await handle.close();
  }
}

interface Line {
  readonly bytes: Buffer;
  readonly terminated: boolean;
}

async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(lineBreak); at >= 0; at = chunk.indexOf(lineBreak, from)) {
      yield { bytes: Buffer.concat([...rest, chunk.subarray(from, at)]), terminated: true };
      rest = [];
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield { bytes: Buffer.concat(rest), terminated: false };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function check<Line>(
  form: JournalForm<Line>,
  value: unknown,
  number: number,
  path: string,
): Line | undefined {
  const parsed = number === 1 ? form.header.safeParse(value) : form.record.safeParse(value);
  if (parsed.success) return number === 1 ? undefined : (parsed.data as Line);
  throw new PrumergeError("INVALID_FILE", "a journal has a line that is none of its own", {
    where: `${path}:${number}`,
    found: value === undefined ? "not JSON" : z.prettifyError(parsed.error),
    help: `Restore the file from a copy, or remove that line: ${form.loss}`,
    cause: parsed.error,
  });
}
