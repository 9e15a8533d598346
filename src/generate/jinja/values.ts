import { Environment, Interpreter } from "@huggingface/jinja";

/** A value while a template runs, as @huggingface/jinja 0.5 has it. */
export interface Value {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it holds depends on the type
  value: any;
  readonly builtins: ReadonlyMap<string, Value>;
  __bool__(): { readonly value: boolean };
}

/** The value for a JavaScript one: text, number, boolean, null, undefined, array, object or function. */
export function make(of: unknown): Value {
  return new Environment().set("value", of) as unknown as Value;
}

/** A list of values. */
export function listOf(values: readonly Value[]): Value {
  const list = make([]);
  list.value = [...values];
  return list;
}

/** Python's tuple, which the library makes of nothing but a template's own brackets. */
function tupleOf(values: readonly Value[]): Value {
  const brackets = { type: "TupleLiteral", value: [] };
  const environment = new Environment();
  const tuple = new Interpreter(environment).evaluate(brackets as never, environment) as unknown as Value;
  tuple.value = [...values];
  return tuple;
}

/** Pairs of a map's keys and values, as its `items()`. */
export function pairsOf(map: Value): Value {
  const entries = [...(map.value as ReadonlyMap<string, Value>)];
  return listOf(entries.map(([key, value]) => tupleOf([make(key), value])));
}

export function isUndefined({ type }: Value): boolean {
  return type === "UndefinedValue";
}

export function isList({ type }: Value): boolean {
  return type === "ArrayValue" || type === "TupleValue";
}

export function isMap({ type }: Value): boolean {
  return type === "ObjectValue" || type === "KeywordArgumentsValue";
}

export function isText({ type }: Value): boolean {
  return type === "StringValue";
}

export function isNumber({ type }: Value): boolean {
  return type === "IntegerValue" || type === "FloatValue" || type === "BooleanValue";
}

/** What Python's `str()` makes of a value, which is what a template prints. */
export function textOf(value: Value): string {
  if (isText(value)) return value.value;
  return isUndefined(value) ? "" : literalOf(value);
}

/** What Python's `repr()` makes of a value. */
function literalOf(value: Value): string {
  const { type } = value;
  if (isText(value)) return quoted(value.value);
  if (type === "NullValue") return "None";
  if (type === "BooleanValue") return value.value ? "True" : "False";
  if (isUndefined(value)) return "Undefined";
  if (type === "TupleValue") {
    const items = value.value.map(literalOf);
    return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
  }
  if (isList(value)) return `[${value.value.map(literalOf).join(", ")}]`;
  if (isMap(value)) {
    const entries = [...(value.value as ReadonlyMap<string, Value>)];
    return `{${entries.map(([key, one]) => `${quoted(key)}: ${literalOf(one)}`).join(", ")}}`;
  }
  if (type === "IntegerValue" || type === "FloatValue") return value.toString();
  throw new Error(`a template that prints a ${type.replace("Value", "").toLowerCase()}`);
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]|[\p{C}\p{Z}]|['"]/gu, (character) => {
    if (character === " " || ("'\"".includes(character) && character !== quote)) return character;
    if (character === quote) return `\\${quote}`;
    return escapes[character] ?? codePoint(character);
  });
  return `${quote}${escaped}${quote}`;
}

function codePoint(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Python's `==`. */
export function areEqual(a: Value, b: Value): boolean {
  if (isNumber(a) && isNumber(b)) return Number(a.value) === Number(b.value);
  if (isList(a) && isList(b)) {
    const [one, other]: [Value[], Value[]] = [a.value, b.value];
    return (
      a.type === b.type && one.length === other.length && one.every((item, i) => areEqual(item, other[i]!))
    );
  }
  if (isMap(a) && isMap(b)) {
    const [one, other]: [Map<string, Value>, Map<string, Value>] = [a.value, b.value];
    return (
      one.size === other.size &&
      [...one].every(([key, item]) => other.has(key) && areEqual(item, other.get(key)!))
    );
  }
  return a.type === b.type && a.value === b.value;
}

/** Order of texts in Python: below 0 where `a` comes first. */
export function byCodePoint(a: string, b: string): number {
  const [one, other] = [Array.from(a), Array.from(b)];
  const at = one.findIndex((character, i) => character !== other[i]);
  if (at < 0) return one.length - other.length;
  return one[at]!.codePointAt(0)! - (other[at]?.codePointAt(0) ?? -1);
}

/** What Python's `for` goes through. @throws Error for what is nothing to go through */
export function itemsOf(value: Value): readonly Value[] {
  if (isUndefined(value)) return [];
  if (isList(value)) return value.value;
  if (isMap(value)) return [...value.value.keys()].map(make);
  if (isText(value)) return Array.from(value.value as string, make);
  throw new Error(`'${value.type}' object is not iterable`);
}
