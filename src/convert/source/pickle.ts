import { PrumergeError } from "../../errors.js";
import { operations } from "./pickle-operations.js";
import type { PickleValue } from "./pickle-values.js";
import { Unpickler } from "./unpickler.js";

// A state dictionary of 1500 tensors takes about 100,000 operations and 250 KB.
const operationLimit = 10_000_000;
const stop = 0x2e;

/**
 * Reads a pickle as torch writes state dictionaries (protocol 2) without executing anything: names are compared with a
 * short list of tensor functions, whose effects are re-made on plain data. Opcodes: CPython's `pickletools`.
 *
 * @throws PrumergeError `UNSAFE_PICKLE`, naming it, for any other name or opcode; `INVALID_FILE` where it is malformed;
 * `LIMIT_EXCEEDED` where it is absurdly large.
 */
export function readPickle(bytes: Uint8Array, where: string): PickleValue {
  return run(new Unpickler(bytes, where));
}

/**
 * What a pickle that {@link readPickle} refused would be, for saying so: every name that is not on the list stands for
 * itself, as does whatever it would make. Nothing is executed here either.
 *
 * @returns `undefined` where even that cannot be told
 */
export function lookAtPickle(bytes: Uint8Array, where: string): PickleValue | undefined {
  try {
    return run(new Unpickler(bytes, where, true));
  } catch {
    return undefined;
  }
}

function run(machine: Unpickler): PickleValue {
  for (let i = 0; i < operationLimit; i++) {
    const code = machine.input.byte();
    if (code === stop) return machine.pop();
    const operation = operations.get(code);
    if (operation === undefined) throw machine.unsafe(`opcode 0x${code.toString(16).padStart(2, "0")}`);
    operation(machine);
  }
  throw new PrumergeError("LIMIT_EXCEEDED", "the pickle is absurdly long", { where: machine.where });
}
