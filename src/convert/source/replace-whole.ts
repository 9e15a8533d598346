import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import { misfit } from "./adapter-config.js";
import type { AdapterTensors, WholeTensor } from "./adapter-tensors.js";
import { few, type Notes } from "./notes.js";
import type { LanguageTensors } from "./output-layer.js";
import { sameValues } from "./same-values.js";
import type { StoredTensor } from "./tensor-source.js";

interface Replacing {
  /** The adapter or file that the tensors come from, for messages. */
  readonly where: string;
  readonly pairs: AdapterTensors["pairs"];
  /** The file is there to replace: nothing needs to be said of it. */
  readonly meant?: boolean;
}

/**
 * Puts an adapter's whole tensors in the place of the base's, as loading them in peft does. Copies of what is there are
 * passed over with a note (peft saves them by itself), others are named where nothing announced them.
 *
 * @throws PrumergeError `INVALID_FILE` where a weight has both a pair and another copy than the base's outside of
 * `base_layer` (peft's versions disagree), or shared tables are given twice and differ
 */
export async function replaceWhole(
  base: LanguageTensors,
  whole: ReadonlyMap<string, WholeTensor>,
  { where, pairs, meant = false }: Replacing,
  notes: Notes,
): Promise<LanguageTensors> {
  const place = (name: string) => (base.tied && name === outputWeight ? embeddingWeight : name);
  const [table, output] = [whole.get(embeddingWeight), whole.get(outputWeight)];
  if (base.tied && inPlace(table) && inPlace(output) && !(await sameValues(table.tensor, output.tensor)))
    throw misfit(where, outputWeight, "the embedding table again, which the base shares", "another table");
  const tensors = new Map(base.tensors);
  const copies: string[] = [];
  const others: string[] = [];
  for (const [name, one] of whole) {
    if (!inPlace(one)) continue;
    const before = base.tensors.get(place(name));
    if (before !== undefined && (await sameValues(before, one.tensor))) {
      copies.push(name);
      continue;
    }
    if (pairs.has(name) && one.role === "plain")
      throw misfit(where, name, "the base's own weight beside its pair", "another one");
    others.push(name);
    tensors.set(place(name), one.tensor);
  }
  notes.passedOver(copies, "copies of the base's own weights", where);
  if (others.length > 0 && !meant)
    notes.add(`${where}: brings its own ${few(others)}, unlike the base's, and they are used, as peft does`);
  let merged: LanguageTensors = { ...base, tensors };
  for (const [name, { tensor, role }] of whole) {
    if (role !== "trained") continue;
    if (pairs.has(name)) throw misfit(where, name, "either a pair or a whole weight", "both");
    if (name === embeddingWeight || name === outputWeight) merged = untie(merged, where, notes);
    merged = { ...merged, tensors: new Map(merged.tensors).set(name, tensor) };
  }
  return merged;
}

/** A weight of a module that peft did not set beside the base's own. */
function inPlace(one: WholeTensor | undefined): one is WholeTensor {
  return one !== undefined && one.role !== "trained";
}

/** Gives the output layer a place of its own, where an adapter changes only one of two shared tables. */
export function untie(base: LanguageTensors, where: string, notes: Notes): LanguageTensors {
  const table: StoredTensor | undefined = base.tensors.get(embeddingWeight);
  if (!base.tied || table === undefined) return base;
  notes.add(
    `${where}: changes the embedding table and the output layer apart, which the base shares; they are kept apart, as ` +
      "peft computes (its merge_and_unload would change both)",
  );
  return { tensors: new Map(base.tensors).set(outputWeight, table), tied: false };
}
