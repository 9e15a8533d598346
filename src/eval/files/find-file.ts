import { stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import type { JsonRecord } from "./json-record.js";
import { recordError } from "./json-record.js";

/** The first of several places that exists as a file, or undefined. */
export async function findFile(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    if ((await kindOf(path)) === "file") return path;
  }
  return undefined;
}

/** The first of several places that is a file. @throws PrumergeError NOT_FOUND that names all of them */
export async function requireFile(folder: string, names: readonly string[], help?: string): Promise<string> {
  const found = await findFile(folder, names);
  if (found !== undefined) return found;
  throw new PrumergeError("NOT_FOUND", "a file of the benchmark is missing", {
    where: folder,
    expected: names.join(" or "),
    found: (await kindOf(folder)) === "folder" ? "a folder without it" : "no such folder",
    ...(help !== undefined && { help }),
  });
}

/** The first of several places that is a folder, else the first place: its pictures are reported when they are missed. */
export async function pictureFolder(folder: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const path = join(folder, name);
    if ((await kindOf(path)) === "folder") return path;
  }
  return join(folder, names[0]);
}

/** A picture's file name out of a data file. @throws PrumergeError INVALID_FILE for a name that leaves the folder */
export function pictureName(record: JsonRecord, name: string): string {
  const parts = name.split(/[\\/]/);
  if (name !== "" && !isAbsolute(name) && !parts.includes("..") && !/[\0:]/.test(name)) return name;
  throw recordError(record, "a picture's name leaves its folder", { found: JSON.stringify(name) });
}

async function kindOf(path: string): Promise<"file" | "folder" | "other" | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return undefined;
  return info.isFile() ? "file" : info.isDirectory() ? "folder" : "other";
}
