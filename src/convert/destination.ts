import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";

/**
 * Refuses a destination that a model folder must not take the place of. Only a folder that the converter wrote, and to
 * which nothing was added, is ever replaced.
 *
 * @param ours paths below the folder that the converter wrote, or undefined where it is no model folder
 */
export async function checkDestination(
  destination: string,
  overwrite: boolean,
  ours: () => Promise<ReadonlySet<string> | undefined>,
): Promise<void> {
  const refuse = (summary: string, help: string, found?: string) => {
    throw new PrumergeError("INVALID_OPTION", summary, {
      where: destination,
      help,
      ...(found === undefined ? {} : { found }),
    });
  };
  const info = await stat(destination).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory())
    return refuse("the destination is a file", "Name a folder that does not exist yet");
  const paths = await readdir(destination, { recursive: true });
  if (paths.length === 0) return;
  const known = await ours();
  if (known === undefined) {
    return refuse("the destination is a folder with other contents", "Name a folder that does not exist yet");
  }
  if (!overwrite) return refuse("the destination exists", "Pass overwrite (--overwrite) to replace it");
  for (const path of paths) {
    if (known.has(path.replaceAll("\\", "/")) || (await stat(join(destination, path))).isDirectory())
      continue;
    refuse("the destination holds files that do not belong to the model", "Move them away first", path);
  }
}
