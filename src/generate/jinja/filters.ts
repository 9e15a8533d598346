import { type JsonOptions, jsonOf } from "./json.js";
import { stringMethod, strip } from "./string-methods.js";
import { isList, isMap, isText, isUndefined, itemsOf, listOf, make, textOf, type Value } from "./values.js";

/** A filter's arguments, as the template gives them. */
export interface FilterArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

type Filter = (operand: Value, args: FilterArguments) => Value;

/**
 * Filters of jinja2 that @huggingface/jinja 0.5 lacks, or computes otherwise: on undefined and none, on what is no text, by
 * code points.
 */
export const filters: Readonly<Record<string, Filter>> = {
  string: (operand) => make(textOf(operand)),
  length: lengthOf,
  count: lengthOf,
  list: (operand) => listOf(itemsOf(operand)),
  first: (operand) => itemsOf(operand)[0] ?? make(undefined),
  last: (operand) => itemsOf(operand).at(-1) ?? make(undefined),
  join: (operand, { positional, named }) => {
    const separator = positional[0] ?? named.get("d");
    const attribute = positional[1] ?? named.get("attribute");
    const items = itemsOf(operand).map((item) =>
      attribute === undefined ? item : attributeOf(item, attribute),
    );
    return make(items.map(textOf).join(separator === undefined ? "" : textOf(separator)));
  },
  trim: (operand, { positional, named }) =>
    make(strip(textOf(operand), positional[0] ?? named.get("chars"), true, true)),
  upper: (operand) => make(textOf(operand).toUpperCase()),
  lower: (operand) => make(textOf(operand).toLowerCase()),
  capitalize: (operand) => stringMethod(make(textOf(operand)), "capitalize")!.value([]),
  int: (operand, { positional, named }) => {
    const whole = isText(operand) ? Number.parseInt(operand.value, 10) : Math.trunc(Number(operand.value));
    const otherwise = positional[0] ?? named.get("default") ?? make(0);
    return operand.type === "NullValue" || Number.isNaN(whole) ? otherwise : make(whole);
  },
  d: (operand, args) => byDefault(operand, args),
  default: (operand, args) => byDefault(operand, args),
  sum: (operand) => make(itemsOf(operand).reduce((sum, { value }) => sum + Number(value), 0)),
  tojson: (operand, args) => make(jsonOf(operand, jsonOptions(args))),
  max: (operand) => extreme(operand, (a, b) => a > b),
  min: (operand) => extreme(operand, (a, b) => a < b),
  wordcount: (operand) => make(textOf(operand).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  select: (operand) => listOf(itemsOf(operand).filter((item) => item.__bool__().value)),
  reverse: (operand) =>
    isText(operand)
      ? make(
          Array.from(operand.value as string)
            .reverse()
            .join(""),
        )
      : listOf([...itemsOf(operand)].reverse()),
  items: (operand) => listOf(isUndefined(operand) ? [] : entriesOf(operand)),
};

/** `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)` of transformers. */
function jsonOptions({ positional, named }: FilterArguments): JsonOptions {
  const names = ["ensure_ascii", "indent", "separators", "sort_keys"];
  const [ensureAscii, indent, separators, sortKeys] = names.map((name, i) => {
    const value = positional[i] ?? named.get(name);
    return value?.type === "NullValue" ? undefined : value;
  });
  const step =
    indent && (isText(indent) ? (indent.value as string) : " ".repeat(Math.max(0, Number(indent.value))));
  const [item = make(step === undefined ? ", " : ","), key = make(": ")] = separators
    ? itemsOf(separators)
    : [];
  return {
    ensureAscii: ensureAscii?.__bool__().value ?? false,
    indent: step,
    separators: [textOf(item), textOf(key)],
    sortKeys: sortKeys?.__bool__().value ?? false,
  };
}

function extreme(operand: Value, before: (a: number | string, b: number | string) => boolean): Value {
  const items = itemsOf(operand);
  return items.length === 0
    ? make(undefined)
    : items.reduce((best, item) => (before(item.value, best.value) ? item : best));
}

function lengthOf(operand: Value): Value {
  if (isUndefined(operand) || isText(operand) || isList(operand) || isMap(operand))
    return make(itemsOf(operand).length);
  throw new Error(`object of type '${operand.type}' has no len()`);
}

function byDefault(operand: Value, { positional, named }: FilterArguments): Value {
  const value = positional[0] ?? named.get("default_value") ?? make("");
  const whenFalse = (positional[1] ?? named.get("boolean"))?.__bool__().value ?? false;
  return isUndefined(operand) || (whenFalse && !operand.__bool__().value) ? value : operand;
}

function entriesOf(operand: Value): Value[] {
  if (!isMap(operand)) throw new Error("Can only get item pairs from a mapping.");
  return [...(operand.value as Map<string, Value>)].map(([key, value]) => listOf([make(key), value]));
}

/** A value's attribute by a path of names and indices, undefined where it has none. */
export function attributeOf(value: Value, path: Value): Value {
  return String(path.value)
    .split(".")
    .reduce((found, name) => {
      if (isMap(found)) return found.value.get(name) ?? make(undefined);
      return (
        (isList(found) ? (found.value[Number(name)] as Value | undefined) : undefined) ?? make(undefined)
      );
    }, value);
}
