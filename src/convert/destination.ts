import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PrumergeError } from "../errors.js";

/** The folder that a link at the destination leads to: it is to be replaced, not the link, and on its disk. */
export function followLinks(destination: string): Promise<string> {
  return realpath(destination).catch(() => resolve(destination));
}

/**
 * Refuses a destination that a model folder must not take the place of. Only a folder that the converter wrote, and to
 * which nothing was added, is ever replaced.
 *
 * @param destination without links, by {@link followLinks}
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
  const info = await lstat(destination).catch(() => undefined);
  if (info === undefined) return;
  if (!info.isDirectory())
    return refuse("the destination is not a folder", "Name a folder that does not exist yet");
  // Nothing can take the place of a mount point, and its disk is another one than that of the folder beside it.
  if (info.dev !== (await stat(dirname(resolve(destination)))).dev)
    return refuse("the destination is a mount point", "Name a folder inside it");
  if ((await readdir(destination)).length === 0) return;
  const known = await ours();
  if (known === undefined) {
    return refuse("the destination is a folder with other contents", "Name a folder that does not exist yet");
  }
  if (!overwrite) return refuse("the destination exists", "Pass overwrite (--overwrite) to replace it");
  for await (const path of filesBelow(destination)) {
    if (known.has(path.replaceAll("\\", "/"))) continue;
    refuse("the destination holds files that do not belong to the model", "Move them away first", path);
  }
}

/** Paths of all that is not a folder. Unlike the recursion of `readdir` it does not go through links. */
async function* filesBelow(folder: string, path = ""): AsyncGenerator<string, void, undefined> {
  for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, below);
    else yield below;
  }
}
