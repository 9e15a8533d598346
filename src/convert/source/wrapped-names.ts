import { PrumergeError } from "../../errors.js";
import type { Naming } from "./canonical-names.js";

/** Who puts which prefix before the names of a model's tensors. */
const wrappers: Readonly<Record<string, string>> = {
  "module.": "DistributedDataParallel or DeepSpeed",
  "_orig_mod.": "torch.compile",
  "_fsdp_wrapped_module.": "FullyShardedDataParallel",
  "_forward_module.": "Lightning",
};

/**
 * The refusal of weights whose names carry a wrapper's prefix, or peft's, which says how to take it off. A prefix is not
 * taken off here: a file that was saved so may hold more that is not as it seems.
 *
 * @param names names of no known layout
 * @param naming what makes canonical names of known ones
 * @returns `undefined` where nothing of the kind explains them
 */
export function wrappedNames(
  names: readonly string[],
  naming: Naming,
  where: string,
): PrumergeError | undefined {
  if (
    naming.of === "checkpoint" &&
    names.some((name) => /\.(?:lora_(?:embedding_)?[AB]|base_layer|modules_to_save)\./.test(name))
  ) {
    return new PrumergeError("INVALID_FILE", "weights as peft holds them during training", {
      where,
      expected: "a whole checkpoint, or an adapter given as such (--lora)",
      found: names.find((name) => name.includes("lora_")) ?? names[0]!,
      help: "Save the adapter (save_pretrained), or merge it (merge_and_unload) and save the model.",
    });
  }
  const prefix = commonPrefix(names, naming);
  if (prefix === undefined) return undefined;
  const by = wrappers[prefix];
  return new PrumergeError("INVALID_FILE", `every tensor's name begins with "${prefix}"`, {
    where,
    expected: "names as the model's own save_pretrained writes them",
    found: `${names[0]}${by === undefined ? "" : `, as ${by} names it`}`,
    help: `Save the model inside of the wrapper, or take it off: {name.removeprefix("${prefix}"): tensor for name, tensor in weights.items()}`,
  });
}

/** The shortest beginning, up to a point, without which every name is one that we know. */
function commonPrefix(names: readonly string[], { canonical }: Naming): string | undefined {
  const parts = (names[0] ?? "").split(".");
  for (let count = 1; count < parts.length; count++) {
    const prefix = `${parts.slice(0, count).join(".")}.`;
    const known = (name: string) =>
      name.startsWith(prefix) && canonical(name.slice(prefix.length)) !== undefined;
    if (names.every(known)) return prefix;
  }
  return undefined;
}
