import { misfit } from "./adapter-config.js";
import type { Naming } from "./canonical-names.js";
import type { Notes } from "./notes.js";
import { Surplus } from "./surplus.js";
import type { FoundTensor, StoredTensor } from "./tensor-source.js";
import { tensorTable } from "./tensor-table.js";

/** The two factors of an update; those of an embedding table are stored turned, for W + scale * (B A)^T. */
export interface Pair {
  readonly a: StoredTensor;
  readonly b: StoredTensor;
  readonly turned: boolean;
}

/** A tensor that an adapter's file holds whole. */
export interface WholeTensor {
  readonly tensor: StoredTensor;
  /**
   * `trained`: of a module that was trained whole and stands beside the base's; `base`: the base's own under a pair;
   * `plain`: either the base's own, saved along, or trained in place.
   */
  readonly role: "trained" | "base" | "plain";
}

/** What an adapter's file holds, by the canonical name of the weight that it is for. */
export interface AdapterTensors {
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly whole: ReadonlyMap<string, WholeTensor>;
}

/** Ends of names in peft's files, an adapter's own name in them or not, and what they mean. */
const ends: readonly (readonly [RegExp, string])[] = [
  [/\.lora_([AB])(?:\.[^.]+)?\.weight$/, "pair"],
  [/\.lora_embedding_([AB])(?:\.[^.]+)?$/, "turned"],
  [/\.modules_to_save(?:\.[^.]+)?\.(weight|bias)$/, "trained"],
  [/\.original_module\.(weight|bias)$/, "unused"],
  [/\.base_layer\.(weight|bias)$/, "base"],
  [/\.(weight|bias)$/, "plain"],
];
const unused = new Surplus("the base's own weights under modules that were trained whole");

/**
 * Sorts the tensors of an adapter's file.
 *
 * @param trainedModules ends of the names of modules that were trained whole
 * @param naming the base's
 * @throws PrumergeError `INVALID_FILE` for names that peft does not write, half pairs, two tensors for one place, and
 * modules that are said to be trained whole and are not there
 */
export function sortAdapterTensors(
  found: ReadonlyMap<string, FoundTensor>,
  trainedModules: readonly string[],
  folder: string,
  notes: Notes,
  naming: Naming,
): AdapterTensors {
  const roles: Naming = {
    of: "adapter",
    canonical: (name) => roleOf(name, trainedModules, naming),
  };
  const table = tensorTable(found, roles, folder, notes);
  for (const module of trainedModules) {
    if (![...found.keys()].some((name) => lies(name, module)))
      throw misfit(
        folder,
        module,
        "the weights of a module that was trained whole (modules_to_save)",
        "none",
      );
  }
  const pairs = new Map<string, Pair>();
  const whole = new Map<string, WholeTensor>();
  for (const [key, tensor] of table) {
    const [weight, kind] = key.split("#") as [string, string];
    if (kind === "trained" || kind === "base" || kind === "plain") {
      if (whole.has(weight)) throw misfit(folder, weight, "one tensor for one place", "two");
      whole.set(weight, { tensor, role: kind });
      continue;
    }
    const form = kind.slice(0, -1);
    const [a, b] = [table.get(`${weight}#${form}A`), table.get(`${weight}#${form}B`)];
    if (a === undefined || b === undefined) {
      const name = form === "turned" ? "lora_embedding_" : "lora_";
      throw misfit(folder, weight, `both ${name}A and ${name}B`, `only ${name}${kind.slice(-1)}`);
    }
    pairs.set(weight, { a, b, turned: form === "turned" });
  }
  return { pairs, whole };
}

/** `base_model.model.<module>.lora_A[.default].weight` to `<canonical weight>#pairA`, and so on. */
function roleOf(
  name: string,
  trainedModules: readonly string[],
  { canonical }: Naming,
): string | Surplus | undefined {
  const bare = name.replace(/^base_model\.model\./, "");
  for (const [pattern, kind] of ends) {
    const match = pattern.exec(bare);
    if (match === null) continue;
    const end = match[1] === "bias" ? "bias" : "weight";
    const weight = canonical(`${bare.slice(0, match.index)}.${end}`);
    if (typeof weight !== "string") return weight;
    if (kind === "unused") return unused;
    if (kind === "pair" || kind === "turned") return `${weight}#${kind}${match[1]}`;
    return `${weight}#${kind === "plain" && trainedModules.some((one) => lies(name, one)) ? "trained" : kind}`;
  }
  // A parameter that belongs to no module, such as the vector at the end of lines of tiles.
  const alone = canonical(bare);
  return typeof alone === "string" ? `${alone}#plain` : alone;
}

/** Whether a tensor belongs to a module whose name ends so, as peft compares. */
function lies(name: string, module: string): boolean {
  const parts = name.split(".");
  return parts.some((_, at) => at > 0 && parts.slice(0, at).join(".").endsWith(module));
}
