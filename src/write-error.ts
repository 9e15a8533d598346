import { PrumergeError } from "./errors.js";

/** Whether the system refused to write because there is no room: of the disk, or of the user's share of it. */
export function isDiskFull(cause: unknown): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/**
 * Says why the system could not write: a full disk (DISK_FULL), or a place that takes no files (NOT_FOUND). What is no
 * refusal of the system stays what it was.
 *
 * @param where the file that was to be written
 * @param words for the place that takes none; `room` is what to do on a full disk
 */
export function writeError(
  cause: unknown,
  where: string,
  words: { readonly summary: string; readonly help?: string; readonly room?: string },
): unknown {
  const { syscall, message } = (cause ?? {}) as NodeJS.ErrnoException;
  if (isDiskFull(cause)) {
    const help = words.room ?? "Make room and try again";
    return new PrumergeError("DISK_FULL", "the disk is full", { where, help, cause });
  }
  if (syscall === undefined) return cause;
  return new PrumergeError("NOT_FOUND", words.summary, {
    where,
    found: message.split(",")[0]!, // without temporary names
    ...(words.help !== undefined && { help: words.help }),
    cause,
  });
}
