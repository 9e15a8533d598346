import type { Picture } from "../image/index.js";

/** Largest picture read from standard input, bytes; the same cap as for files. */
const mostBytes = 128 * 1024 * 1024;

/** Decodes the picture at a path, or that of standard input. */
export async function readPicture(source: string | File, signal: AbortSignal): Promise<Picture> {
  const { decodePicture } = await import("../image/index.js");
  return decodePicture(source, { signal });
}

/**
 * Refuses standard input where that holds something else.
 *
 * @throws PrumergeError INVALID_OPTION for `-`
 */
export async function refuseStandardInput(path: string): Promise<void> {
  if (path !== "-") return;
  const { PrumergeError } = await import("../errors.js");
  throw new PrumergeError("INVALID_OPTION", "standard input holds the questions, and no picture", {
    where: "-",
    expected: "a picture file",
  });
}

/** All of standard input, with a name, which messages about it begin with. */
export async function readStandardInput(signal: AbortSignal): Promise<File> {
  const { PrumergeError } = await import("../errors.js");
  const name = "standard input";
  if (process.stdin.isTTY) {
    throw new PrumergeError("INVALID_OPTION", "a terminal is no picture", {
      where: name,
      help: "Pipe one in: prumerge ask - QUESTION < picture.jpg",
    });
  }
  const stop = () => process.stdin.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of process.stdin) {
      length += chunk.length;
      if (length > mostBytes) {
        throw new PrumergeError("LIMIT_EXCEEDED", "a picture file is too large", {
          where: name,
          expected: `at most ${mostBytes} bytes`,
        });
      }
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  if (signal.aborted) throw signal.reason;
  return new File(chunks as BlobPart[], name);
}

/**
 * Takes `PICTURE... QUESTION` apart: the last word is the question. A single word is a question without a picture.
 *
 * @throws PrumergeError INVALID_OPTION where that single word names a file, so that the question is missing
 */
export async function splitQuestion(
  words: readonly string[],
): Promise<{ readonly paths: readonly string[]; readonly question: string }> {
  const [question = ""] = words.slice(-1);
  const alone = words.length === 1 && (question === "-" || (await isFile(question)));
  if (alone || question.trim() === "") {
    const { PrumergeError } = await import("../errors.js");
    throw new PrumergeError("INVALID_OPTION", "the question is missing", {
      help: `The last argument is the question: prumerge ask ${alone ? question : "PICTURE"} "What is this?"`,
    });
  }
  return { paths: words.slice(0, -1), question };
}

async function isFile(path: string): Promise<boolean> {
  const { stat } = await import("node:fs/promises");
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
