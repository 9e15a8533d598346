import { readdir, stat } from "node:fs/promises";
import { PrumergeError } from "../../errors.js";
import { few } from "./notes.js";

/** Files that hold weights, or a training run's state, in forms that are not read: what they are and what to do. */
const forms: readonly (readonly [name: RegExp, what: string, help: string])[] = [
  [/^checkpoint-\d+$/, "checkpoints of a training run", "Name one of them as the source."],
  [
    /^(?:global_step\d+|zero_to_fp32\.py|mp_rank_\d+_model_states\.pt)$/,
    "a training checkpoint of DeepSpeed",
    "Gather its weights with the zero_to_fp32.py in it, and convert what that writes.",
  ],
  [
    /^(?:pytorch_model_fsdp.*|distcp|.*\.distcp|\.metadata)$/,
    "a sharded training checkpoint of FSDP",
    "Gather its weights (accelerate merge-weights), and convert what that writes.",
  ],
  [
    /\.ckpt$/,
    "a training checkpoint of Lightning",
    "Load it in Python and save the model in it with save_pretrained.",
  ],
  [
    /^(?:model|pytorch_model)-\d+-of-\d+\.(?:safetensors|bin)$/,
    "shards without their index",
    "Download the file that ends in .index.json too.",
  ],
  [/^adapter_model\./, "an adapter", "Give it as --lora, with its base model as the source."],
  [/^(?:model|pytorch_model)\..+\.(?:safetensors|bin)$/, "a variant of the weights", "Rename it to model.safetensors or pytorch_model.bin."],
  [/\.gguf$/, "weights for llama.cpp", "Convert the checkpoint that they were made of."],
  [/^(?:tf_model\.h5|flax_model\.msgpack)$/, "weights of another library", "Load them in transformers and save them with save_pretrained."],
  [/^consolidated\..*(?:pth|safetensors)$/, "weights in their maker's own layout", "Convert them with transformers' script for it first."],
  [/\.(?:pt|pth|bin|safetensors)$/, "files of other names", "Only the names above are looked for."],
]; // biome-ignore format: a table

/**
 * What a folder holds instead of weights that are read, as details of the refusal.
 *
 * @param path a folder, or a file that was named instead of one
 */
export async function otherWeights(path: string): Promise<{ found?: string; help?: string }> {
  const names = await readdir(path).catch(() => undefined);
  if (names === undefined) return {};
  for (const [pattern, what, help] of forms) {
    const matching = names.filter((name) => pattern.test(name) && !isState(name)).sort();
    if (matching.length > 0) return { found: `${what}: ${few(matching)}`, help };
  }
  const state = names.filter(isState).sort();
  if (state.length === 0) return {};
  const help = "Name the folder that holds the weights too.";
  return { found: `a training run's state without its weights: ${few(state)}`, help };
}

/** Files that a trainer saves beside the weights. */
function isState(name: string): boolean {
  return /^(?:optimizer|scheduler|scaler|rng_state|random_states|training_args|trainer_state)/.test(name);
}

/** The refusal of a path that is one file, where a folder is wanted; `undefined` where it is none. */
export async function oneFile(path: string): Promise<PrumergeError | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (!status?.isFile()) return undefined;
  return new PrumergeError("NOT_FOUND", "a file, not a checkpoint's folder", {
    where: path,
    expected: "a folder with config.json, the weights and the tokenizer",
    help: "Name the folder that it lies in.",
  });
}
