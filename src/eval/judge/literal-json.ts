import type { Literal } from "./literal.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * What Python's `json.dump` writes of a value, as `json.load` reads it back: tuples are lists, keys are texts. Undefined where it
 * raises: bytes, sets, complex numbers, `...`, and keys that are none of text, number, True, False and None.
 */
export function literalJson(literal: Literal): Json | undefined {
  switch (literal.kind) {
    case "none":
      return null;
    case "bool":
    case "float":
    case "str":
      return literal.value;
    case "int":
      return Number(literal.value);
    case "list":
    case "tuple": {
      const items = literal.items.map(literalJson);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case "dict": {
      const entries = literal.entries.map(([key, value]) => [keyOf(key), literalJson(value)] as const);
      const written = entries.every(([key, value]) => key !== undefined && value !== undefined);
      return written ? (Object.fromEntries(entries) as { [name: string]: Json }) : undefined;
    }
    default:
      return undefined;
  }
}

function keyOf(key: Literal): string | undefined {
  switch (key.kind) {
    case "none":
      return "null";
    case "bool":
    case "int":
    case "str":
      return String(key.value);
    case "float":
      return Number.isInteger(key.value) ? `${key.value}.0` : String(key.value);
    default:
      return undefined;
  }
}
