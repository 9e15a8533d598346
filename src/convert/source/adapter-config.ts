import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../../models/config-reader.js";
import { readJsonObject } from "../../models/files/json-file.js";

/** Settings of peft that mean something else than W + scale * B A, with the values under which they do not. */
const plainOnly: Readonly<Record<string, readonly unknown[]>> = {
  bias: ["none"],
  fan_in_fan_out: [false],
  // Others change the base weights, which the adapter alone does not tell.
  init_lora_weights: [true, false, "gaussian", "eva", "orthogonal"],
};

/** Settings that are read, or that mean nothing once the adapter is trained. */
const harmless: ReadonlySet<string> = new Set([
  "auto_mapping", "base_model_name_or_path", "corda_config", "enable_lora", "ensure_weight_tying", "eva_config",
  "exclude_modules", "inference_mode", "layers_pattern", "layers_to_transform", "loftq_config", "lora_alpha",
  "lora_dropout", "lora_ga_config", "megatron_core", "merge_weights", "modules_to_save", "peft_type", "peft_version",
  "qalora_group_size", "r", "revision", "runtime_config", "target_modules", "task_type", "use_rslora",
]); // biome-ignore format: a list

export interface AdapterConfig {
  /** The scale of an update by the rank of its factors. */
  readonly scale: (rank: number) => number;
  /** Ends of the names of modules that were trained whole (`modules_to_save`). */
  readonly trainedModules: readonly string[];
  /** Whether one update counts for both the embedding table and the output layer where the base shares them. */
  readonly keepsTies: boolean;
}

/**
 * A LoRA adapter's `adapter_config.json`.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL`, naming the setting, for adapters of other kinds (DoRA, biases, patterns) and
 * for settings that are not known
 */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const path = join(folder, "adapter_config.json");
  const json = await readJsonObject(path);
  const config = new ConfigReader(json, path);
  config.choice("peft_type", ["LORA"]);
  for (const key of Object.keys(json)) {
    const value = config.raw(key);
    if (harmless.has(key) || value === undefined || isEmpty(value)) continue;
    const allowed = plainOnly[key] ?? [false];
    if (!allowed.includes(value))
      throw config.unsupported(
        key,
        allowed.map((one) => (one === false ? "none or false" : String(one))).join(" or "),
      );
  }
  const alpha = config.positive("lora_alpha");
  const byRoot = config.boolean("use_rslora", false);
  const rank = config.size("r");
  return {
    scale: (found) => {
      if (found !== rank)
        throw misfit(folder, "the adapter", `rank ${rank}, as its configuration says`, `${found}`);
      return alpha / (byRoot ? Math.sqrt(rank) : rank);
    },
    trainedModules: names(config, "modules_to_save"),
    keepsTies: config.boolean("ensure_weight_tying", false),
  };
}

function names(config: ConfigReader, key: string): string[] {
  const value = config.raw(key) ?? [];
  if (Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "")) return value;
  throw config.unsupported(key, "a list of names");
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

export function misfit(folder: string, weight: string, expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "the adapter does not fit the base model", {
    where: `${folder}, ${weight}`,
    expected,
    found,
  });
}
