/** A value that Python's `ast.literal_eval` gives. */
export type Literal =
  | { readonly kind: "none" }
  | { readonly kind: "ellipsis" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "complex" }
  | { readonly kind: "str" | "bytes"; readonly value: string }
  | { readonly kind: "list" | "tuple" | "set"; readonly items: readonly Literal[] }
  /** In the order in which keys were first written; no two are equal to Python. */
  | { readonly kind: "dict"; readonly entries: readonly (readonly [key: Literal, value: Literal])[] };

/** Whether Python takes it as a key of a dictionary, or into a set. */
export function isHashable(literal: Literal): boolean {
  switch (literal.kind) {
    case "list":
    case "set":
    case "dict":
      return false;
    case "tuple":
      return literal.items.every(isHashable);
    default:
      return true;
  }
}

/**
 * A dictionary of entries as they were written: of keys that are equal to Python, as 1, 1.0 and True are, the first one stays and
 * the last value counts.
 */
export function dictionaryOf(written: readonly (readonly [key: Literal, value: Literal])[]): Literal {
  const entries = new Map<string, readonly [Literal, Literal]>();
  for (const [key, value] of written) {
    const identity = identityOf(key);
    entries.set(identity, [entries.get(identity)?.[0] ?? key, value]);
  }
  return { kind: "dict", entries: [...entries.values()] };
}

function identityOf(key: Literal): string {
  switch (key.kind) {
    case "bool":
    case "int":
    case "float":
      return `number ${Number(key.value)}`;
    case "str":
    case "bytes":
      return `${key.kind} ${key.value}`;
    case "tuple":
      return `tuple ${JSON.stringify(key.items.map(identityOf))}`;
    default:
      return key.kind;
  }
}

/** What a dictionary has under a text; undefined where it has none. */
export function entryOf(literal: Literal, name: string): Literal | undefined {
  if (literal.kind !== "dict") return undefined;
  return literal.entries.find(([key]) => key.kind === "str" && key.value === name)?.[1];
}
