import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { embeddingWeight, projectorPrefix } from "../../graphs/names.js";
import { fileExists } from "../../models/files/json-file.js";
import { misfit, readAdapterConfig } from "./adapter-config.js";
import { type AdapterTensors, type Pair, sortAdapterTensors } from "./adapter-tensors.js";
import { type Naming, vocabularyTensors } from "./canonical-names.js";
import type { Notes } from "./notes.js";
import type { LanguageTensors } from "./output-layer.js";
import { replaceWhole, untie } from "./replace-whole.js";
import type { StoredTensor } from "./tensor-source.js";
import { findTensors, readWeightFile } from "./weight-files.js";

/** Beside an adapter of the LLaVA training scripts: what was trained whole, the projector first of all. */
const nonLoraName = "non_lora_trainables.bin";

/**
 * Puts a peft LoRA adapter over a base model's tensors, as peft's own model computes with it: what its files hold whole
 * takes the place of the base's (`non_lora_trainables.bin` first), and each pair's weight gets W + scale * B A, computed
 * where it is read. A base that shares its embedding table and its output layer keeps sharing them unless the adapter
 * changes one of them alone.
 *
 * @param folder Holds `adapter_config.json` and `adapter_model.safetensors` or `.bin`.
 * @throws PrumergeError `UNSUPPORTED_MODEL` for adapters of other kinds (DoRA, biases, patterns), `NOT_FOUND` where a file
 * is missing, `INVALID_FILE` where a tensor does not fit.
 */
export async function applyAdapter(
  base: LanguageTensors,
  folder: string,
  notes: Notes,
  { needsOthers, naming }: { readonly needsOthers: boolean; readonly naming: Naming },
): Promise<LanguageTensors> {
  const config = await readAdapterConfig(folder);
  const found = await findTensors(folder, notes, ["adapter_model.safetensors", "adapter_model.bin"]);
  if (found === undefined) {
    const expected = "adapter_model.safetensors or adapter_model.bin";
    throw new PrumergeError("NOT_FOUND", "no adapter weights", { where: folder, expected });
  }
  const adapter = sortAdapterTensors(found, config.trainedModules, folder, notes, naming);
  if (config.keepsTies && base.tied && vocabularyTensors.some((name) => touches(adapter, name))) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "ensure_weight_tying is not supported", {
      where: join(folder, "adapter_config.json"),
      expected: "an adapter that leaves shared embeddings alone",
      help: "Merge it in peft (merge_and_unload) and convert what that saves.",
    });
  }
  const path = join(folder, nonLoraName);
  const others = needsOthers && !bringsProjector(adapter) ? true : await fileExists(path);
  let merged = base;
  if (others) {
    const trained = sortAdapterTensors(await readWeightFile(path, notes), [], path, notes, naming);
    const [pair] = trained.pairs.keys();
    if (pair !== undefined) throw misfit(path, pair, "what was trained whole", "factors of an update");
    merged = await replaceWhole(
      merged,
      trained.whole,
      { where: path, pairs: trained.pairs, meant: true },
      notes,
    );
  }
  merged = await replaceWhole(merged, adapter.whole, { where: folder, pairs: adapter.pairs }, notes);
  for (const [weight, pair] of adapter.pairs)
    merged = addPair(merged, weight, pair, config.scale, folder, notes);
  return merged;
}

function touches({ pairs, whole }: AdapterTensors, name: string): boolean {
  return pairs.has(name) || whole.has(name);
}

function bringsProjector({ whole }: AdapterTensors): boolean {
  return [...whole].some(([name, { role }]) => role === "trained" && name.startsWith(`${projectorPrefix}.`));
}

function addPair(
  base: LanguageTensors,
  weight: string,
  { a, b, turned }: Pair,
  scale: (rank: number) => number,
  folder: string,
  notes: Notes,
): LanguageTensors {
  const merged = vocabularyTensors.includes(weight) ? untie(base, folder, notes) : base;
  const target = merged.tensors.get(weight);
  if (target === undefined) throw misfit(folder, weight, "a weight of the base model", "none of that name");
  checkPair(target, a, b, weight, folder, turned);
  const lora = { a, b, scale: scale(a.shape[0]!), ...(turned && { turned }) };
  return { ...merged, tensors: new Map(merged.tensors).set(weight, { ...target, lora }) };
}

function checkPair(
  target: StoredTensor,
  a: StoredTensor,
  b: StoredTensor,
  weight: string,
  folder: string,
  turned: boolean,
): void {
  const [rows, columns] = turned ? [...target.shape].reverse() : target.shape;
  const rank = a.shape[0];
  const fits = target.shape.length === 2 && a.shape.length === 2 && b.shape.length === 2;
  const isTable = weight === embeddingWeight;
  if (turned !== isTable)
    throw misfit(
      folder,
      weight,
      `a pair of ${isTable ? "lora_embedding_A and B" : "lora_A and B"}`,
      "the other kind",
    );
  if (fits && a.shape[1] === columns && b.shape[0] === rows && b.shape[1] === rank) return;
  throw misfit(
    folder,
    weight,
    `B A of [${rows}, ${columns}]`,
    `B [${b.shape.join(", ")}], A [${a.shape.join(", ")}]`,
  );
}
