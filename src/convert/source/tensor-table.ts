import { PrumergeError } from "../../errors.js";
import { outputWeight } from "../../graphs/names.js";
import { type Naming, towerNames } from "./canonical-names.js";
import { few, type Notes } from "./notes.js";
import { Surplus } from "./surplus.js";
import type { FoundTensor, StoredTensor, StoredType, TensorTable } from "./tensor-source.js";
import { tensorShape } from "./tensor-source.js";
import { wrappedNames } from "./wrapped-names.js";

const storedTypes: readonly string[] = ["float32", "float16", "bfloat16"] satisfies StoredType[];

/**
 * Puts found tensors under canonical names; later entries of the same source may not repeat one.
 *
 * @param where The checkpoint, for messages.
 * @throws PrumergeError `INVALID_FILE` naming unknown or repeated tensors or element types that are not read.
 */
export function tensorTable(
  found: ReadonlyMap<string, FoundTensor>,
  naming: Naming,
  where: string,
  notes: Notes,
): Map<string, StoredTensor> {
  const table = new Map<string, StoredTensor>();
  const unknown: string[] = [];
  const surplus = new Map<string, string[]>();
  for (const [name, tensor] of found) {
    const canonical = naming.canonical(name);
    if (canonical instanceof Surplus) {
      surplus.set(canonical.what, [...(surplus.get(canonical.what) ?? []), name]);
    } else if (canonical === undefined) {
      unknown.push(name);
    } else if (table.has(canonical)) {
      throw new PrumergeError("INVALID_FILE", "two tensors for one place", {
        where,
        found: `${name} and another`,
      });
    } else {
      table.set(canonical, { ...tensor, type: storedType(name, tensor) });
    }
  }
  if (unknown.length > 0) throw wrappedNames(unknown, naming, where) ?? extraTensors(unknown, where);
  for (const [what, names] of surplus) notes.passedOver(names, what, where);
  return table;
}

function storedType(name: string, { type, path }: FoundTensor): StoredType {
  if (storedTypes.includes(type)) return type as StoredType;
  throw new PrumergeError("INVALID_FILE", "weights of an element type that is not read", {
    where: `${path}, tensor ${name}`,
    expected: storedTypes.join(", "),
    found: type,
  });
}

/**
 * Compares a table with what a model must have. What is left over is an error too: it would be a part of the model
 * that we silently drop.
 *
 * @throws PrumergeError `INVALID_FILE`, naming the first few of the missing, wrongly shaped or extra tensors.
 */
export function checkTensors(
  table: TensorTable,
  expected: ReadonlyMap<string, readonly number[]>,
  where: string,
  notes: Notes,
  naming: Naming,
): void {
  const inTower = towerNames();
  const missing = [...expected.keys()].filter((name) => !table.has(name));
  for (const [name, file] of notes.promised) {
    if (!missing.some((one) => one === naming.canonical(name) || one === inTower.canonical(name))) continue;
    throw new PrumergeError("INVALID_FILE", "the index names a tensor that its file does not hold", {
      where,
      expected: `${name} in ${file}`,
      found: "none of that name in any shard",
      help: "Download the parts again.",
    });
  }
  if (missing.length > 0) {
    throw new PrumergeError("INVALID_FILE", "tensors are missing", {
      where,
      expected: `${expected.size} tensors`,
      found: `${missing.length} missing: ${few(missing)}`,
      ...(missing.includes(outputWeight) && {
        help: 'Where the embedding table is the output layer, config.json says "tie_word_embeddings": true.',
      }),
    });
  }
  for (const [name, shape] of expected) {
    const found = tensorShape(table.get(name)!);
    if (found.length === shape.length && found.every((size, i) => size === shape[i])) continue;
    throw new PrumergeError("INVALID_FILE", "a tensor's shape contradicts the configuration", {
      where: `${where}, tensor ${name}`,
      expected: `[${shape.join(", ")}]`,
      found: `[${found.join(", ")}]`,
    });
  }
  const extra = [...table.keys()].filter((name) => !expected.has(name));
  if (extra.length > 0) throw extraTensors(extra, where);
  notes.passedOver(
    [...notes.promised.keys()],
    "which the index names, no shard holds and nothing needs",
    where,
  );
}

function extraTensors(names: readonly string[], where: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "tensors that this kind of model does not have", {
    where,
    expected: "only the tensors that config.json implies",
    found: `${names.length} extra: ${few(names)}`,
  });
}
