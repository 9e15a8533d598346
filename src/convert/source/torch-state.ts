import { PrumergeError } from "../../errors.js";
import { checkTensorName } from "../../tensor/tensor-limits.js";
import { few, type Notes } from "./notes.js";
import { PickleObject, PickleTensor, type PickleValue } from "./pickle-values.js";

/**
 * The tensors of a state dictionary. Numbers, words and nothing beside them (an epoch, a version) are passed over.
 *
 * @throws PrumergeError `INVALID_FILE` for anything else, which is named: a training checkpoint with the weights one level
 * below, an optimizer's state, a list
 */
export function stateEntries(root: PickleValue, where: string, notes: Notes): [string, PickleTensor][] {
  if (!(root instanceof Map)) throw otherFile(root, where);
  const tensors: [string, PickleTensor][] = [];
  const surplus: string[] = [];
  for (const [name, value] of root) {
    if (typeof name === "string" && value instanceof PickleTensor) {
      checkTensorName(name, where);
      tensors.push([name, value]);
    } else if (typeof value !== "object" || value === null) surplus.push(String(name));
    else throw otherFile(root, where);
  }
  if (tensors.length === 0 && root.size > 0) throw otherFile(root, where);
  notes.passedOver(surplus, "which are no tensors", where);
  return tensors;
}

/** The refusal of a file that holds something other than a state dictionary, which says what it is and what to do. */
function otherFile(root: PickleValue, where: string): PrumergeError {
  const { found, help } = describeRoot(root, where);
  return new PrumergeError("INVALID_FILE", "not a dictionary of tensors", {
    where,
    expected: "the weights alone, as torch.save(model.state_dict(), ...) writes them",
    found,
    ...(help !== undefined && { help }),
  });
}

/** What a torch file's root is, for people. */
export function describeRoot(root: PickleValue, where: string): { found: string; help?: string } {
  if (root instanceof PickleObject) {
    const help = "If you trust the file, load it in Python and save its state_dict() as safetensors.";
    return { found: `a whole object, ${root.name}`, help };
  }
  if (root instanceof PickleTensor) return { found: "one tensor" };
  if (!(root instanceof Map)) return { found: Array.isArray(root) ? "a list" : "something else" };
  const states = [...root].filter(([name, value]) => typeof name === "string" && isState(value));
  const keys = states.map(([name]) => `"${name}"`);
  if (keys.length > 0) {
    const others = [...root.keys()].filter((key) => !keys.includes(`"${key}"`)).map(String);
    return {
      found: `a training checkpoint with the weights under ${keys.join(" and ")}${others.length > 0 ? `, beside ${few(others)}` : ""}`,
      help: `If you trust the file, take the weights out in Python: torch.save(torch.load(${JSON.stringify(where)}, map_location="cpu", weights_only=False)[${keys[0]}], "pytorch_model.bin")`,
    };
  }
  if (root.has("param_groups") || root.has("optimizer_state_dict")) {
    const help = "It holds no weights; the model's lie in another file of the same training run.";
    return { found: "an optimizer's state", help };
  }
  const names = [...root.keys()].map(String);
  return { found: names.length === 0 ? "an empty dictionary" : `a dictionary of ${few(names)}` };
}

/** A dictionary that holds tensors by name, or dictionaries of them. */
function isState(value: PickleValue, depth = 0): boolean {
  if (!(value instanceof Map)) return false;
  let tensors = 0;
  for (const [name, one] of value) {
    if (typeof name !== "string") return false;
    if (one instanceof PickleTensor) tensors++;
    else if (depth === 0 && isState(one, 1)) return true;
  }
  return tensors > 0;
}
