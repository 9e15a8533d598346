import { PrumergeError } from "../../errors.js";
import type { StoredTensor, StoredType, TensorTable } from "./tensor-source.js";
import { tensorShape } from "./tensor-source.js";
import type { FoundTensor } from "./weight-files.js";

const storedTypes: readonly string[] = ["float32", "float16", "bfloat16"] satisfies StoredType[];

/**
 * Puts found tensors under canonical names; later entries of the same source may not repeat one.
 *
 * @param rename Canonical name, `null` for what is left out, `undefined` for names of no known layout.
 * @param where The checkpoint, for messages.
 * @throws PrumergeError `INVALID_FILE` naming unknown or repeated tensors or element types that are not read.
 */
export function tensorTable(
  found: ReadonlyMap<string, FoundTensor>,
  rename: (name: string) => string | null | undefined,
  where: string,
): Map<string, StoredTensor> {
  const table = new Map<string, StoredTensor>();
  const unknown: string[] = [];
  for (const [name, tensor] of found) {
    const canonical = rename(name);
    if (canonical === null) continue;
    if (canonical === undefined) {
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
  if (unknown.length > 0) throw extraTensors(unknown, where);
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
): void {
  const missing = [...expected.keys()].filter((name) => !table.has(name));
  if (missing.length > 0) {
    throw new PrumergeError("INVALID_FILE", "tensors are missing", {
      where,
      expected: `${expected.size} tensors`,
      found: `${missing.length} missing: ${few(missing)}`,
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
}

function extraTensors(names: readonly string[], where: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "tensors that this kind of model does not have", {
    where,
    expected: "only the tensors that config.json implies",
    found: `${names.length} extra: ${few(names)}`,
  });
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}
