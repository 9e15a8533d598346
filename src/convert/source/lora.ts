import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readJsonObject } from "../../models/files/json-file.js";
import { canonicalName } from "./canonical-names.js";
import type { StoredTensor } from "./tensor-source.js";
import { tensorTable } from "./tensor-table.js";
import { findTensors, readWeightFile } from "./weight-files.js";

/** Weights of peft that mean something else than W + scale * B A, with the values under which they do not. */
const plainOnly: Readonly<Record<string, readonly unknown[]>> = {
  bias: ["none"],
  fan_in_fan_out: [false],
  modules_to_save: [],
  use_dora: [false],
  lora_bias: [false],
  use_qalora: [false],
  alora_invocation_tokens: [],
  trainable_token_indices: [],
  megatron_config: [],
  layer_replication: [],
  target_parameters: [],
  // Others change the base weights, which the adapter alone does not tell.
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal"],
};

/**
 * Adds a peft LoRA adapter to a base model's tensors, lazily: each gets W + scale * B A, computed where it is read.
 *
 * @param folder Holds `adapter_config.json` and `adapter_model.safetensors` or `.bin`.
 * @throws PrumergeError `UNSUPPORTED_MODEL` for adapters of other kinds (DoRA, biases, trained modules, patterns),
 * `INVALID_FILE` where a pair is incomplete or does not fit its weight.
 */
export async function mergeLora(
  base: ReadonlyMap<string, StoredTensor>,
  folder: string,
): Promise<Map<string, StoredTensor>> {
  const scales = await readAdapterConfig(folder);
  const found = await findTensors(folder, ["adapter_model.safetensors", "adapter_model.bin"]);
  if (found === undefined) {
    const expected = "adapter_model.safetensors or adapter_model.bin";
    throw new PrumergeError("NOT_FOUND", "no adapter weights", { where: folder, expected });
  }
  const tensors = tensorTable(found, adapterName, folder);
  const merged = new Map(base);
  for (const name of tensors.keys()) {
    const [, weight, side] = /^(.*)#(lora_[AB])$/.exec(name) as unknown as [string, string, string];
    const [a, b] = [tensors.get(`${weight}#lora_A`), tensors.get(`${weight}#lora_B`)];
    if (a === undefined || b === undefined)
      throw misfit(folder, weight, "both lora_A and lora_B", `only ${side}`);
    const target = base.get(weight);
    if (target === undefined) throw misfit(folder, weight, "a weight of the base model", "none of that name");
    checkPair(target, a, b, weight, folder);
    merged.set(weight, { ...target, lora: { a, b, scale: scales(a.shape[0]!) } });
  }
  return merged;
}

/** The scale of an update by its rank. */
async function readAdapterConfig(folder: string): Promise<(rank: number) => number> {
  const path = join(folder, "adapter_config.json");
  const config = new ConfigReader(await readJsonObject(path), path);
  config.choice("peft_type", ["LORA"]);
  for (const [key, allowed] of Object.entries(plainOnly)) {
    const value = config.raw(key);
    if (value === undefined || allowed.includes(value) || isEmpty(value)) continue;
    throw config.unsupported(key, allowed.length === 0 ? "none" : allowed.map(String).join(" or "));
  }
  for (const key of ["rank_pattern", "alpha_pattern"]) {
    if (config.has(key) && !isEmpty(config.raw(key)))
      throw config.unsupported(key, "one rank and alpha for all");
  }
  const alpha = config.positive("lora_alpha");
  const byRoot = config.boolean("use_rslora", false);
  const rank = config.size("r");
  return (found) => {
    if (found !== rank)
      throw misfit(folder, "the adapter", `rank ${rank}, as its configuration says`, `${found}`);
    return alpha / (byRoot ? Math.sqrt(rank) : rank);
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** `base_model.model.<weight's module>.lora_A[.default].weight` to `<canonical weight>#lora_A`. */
function adapterName(name: string): string | undefined {
  const match = /^base_model\.model\.(.*)\.(lora_[AB])(?:\.default)?\.weight$/.exec(name);
  const weight = match === null ? undefined : canonicalName(`${match[1]}.weight`);
  return weight === undefined || weight === null ? undefined : `${weight}#${match![2]}`;
}

function checkPair(
  target: StoredTensor,
  a: StoredTensor,
  b: StoredTensor,
  weight: string,
  folder: string,
): void {
  const [rows, columns] = target.shape;
  const rank = a.shape[0];
  const fits = target.shape.length === 2 && a.shape.length === 2 && b.shape.length === 2;
  if (fits && a.shape[1] === columns && b.shape[0] === rows && b.shape[1] === rank) return;
  throw misfit(
    folder,
    weight,
    `B A of [${target.shape.join(", ")}]`,
    `B [${b.shape.join(", ")}], A [${a.shape.join(", ")}]`,
  );
}

function misfit(folder: string, weight: string, expected: string, found: string): PrumergeError {
  const where = `${folder}, ${weight}`;
  return new PrumergeError("INVALID_FILE", "the adapter does not fit the base model", {
    where,
    expected,
    found,
  });
}

/** Beside an adapter: what was trained whole. */
export const nonLoraName = "non_lora_trainables.bin";

/**
 * The tensors that the LLaVA training scripts save beside an adapter: the projector, and what else was trained whole.
 *
 * @throws PrumergeError `NOT_FOUND` where the file is missing: without it there is no projector.
 */
export async function readNonLora(folder: string): Promise<Map<string, StoredTensor>> {
  const found = await readWeightFile(join(folder, nonLoraName));
  return tensorTable(found, (name) => canonicalName(name.replace(/^base_model\.model\./, "")), folder);
}
