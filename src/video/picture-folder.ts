import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What pictures are named by; each is told by its bytes when it is read. */
const endings = /\.(jpe?g|png|webp|gif|avif|tiff?)$/i;

/** The pictures of a folder, by name, numbers in names as numbers; and how many other files it has. */
export async function picturesIn(
  folder: string,
): Promise<{ readonly paths: string[]; readonly others: number }> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith("."),
  );
  const order = new Intl.Collator("en", { numeric: true });
  const names = entries
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map(({ name }) => name)
    .sort((one, other) => order.compare(one, other) || (one < other ? -1 : 1));
  return { paths: names.map((name) => join(folder, name)), others: entries.length - names.length };
}
