import { attributeOf } from "./attribute.js";
import type { FilterArguments } from "./filter-arguments.js";
import { type JsonOptions, jsonOf } from "./json.js";
import { capitalize, strip } from "./string-methods.js";
import {
  areEqual,
  byCodePoint,
  isList,
  isMap,
  isText,
  isUndefined,
  itemsOf,
  listOf,
  make,
  pairsOf,
  textOf,
  type Value,
} from "./values.js";
import { wholeNumber } from "./whole-number.js";

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
  join: (operand, args) => {
    const separator = args.take(0, "d");
    const attribute = args.take(1, "attribute");
    const items = itemsOf(operand).map((item) =>
      attribute === undefined ? item : attributeOf(item, attribute),
    );
    return make(items.map(textOf).join(separator === undefined ? "" : textOf(separator)));
  },
  trim: (operand, args) => make(strip(textOf(operand), args.take(0, "chars"), true, true)),
  upper: (operand) => make(textOf(operand).toUpperCase()),
  lower: (operand) => make(textOf(operand).toLowerCase()),
  capitalize: (operand) => make(capitalize(textOf(operand))),
  title: (operand) => make(textOf(operand).split(wordBorder).map(capitalize).join("")),
  int: (operand, args) => {
    const otherwise = args.take(0, "default") ?? make(0);
    const whole = wholeNumber(operand);
    return whole === undefined ? otherwise : make(whole);
  },
  d: (operand, args) => byDefault(operand, args),
  default: (operand, args) => byDefault(operand, args),
  sum: (operand) => make(itemsOf(operand).reduce((sum, { value }) => sum + Number(value), 0)),
  tojson: (operand, args) => make(jsonOf(operand, jsonOptions(args))),
  max: (operand) => extreme(operand, 1),
  min: (operand) => extreme(operand, -1),
  unique: (operand) => {
    const items = itemsOf(operand);
    const isFirst = (item: Value, at: number) =>
      items.findIndex((one) => areEqual(foldCase(one), foldCase(item))) === at;
    return listOf(items.filter(isFirst));
  },
  dictsort: (operand) => {
    const pairs = itemsOf(pairsOf(asMap(operand)));
    const key = (pair: Value): string => foldCase(pair.value[0]).value;
    return listOf([...pairs].sort((a, b) => byCodePoint(key(a), key(b))));
  },
  wordcount: (operand) => make(textOf(operand).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  reverse: (operand) =>
    isText(operand)
      ? make(
          Array.from(operand.value as string)
            .reverse()
            .join(""),
        )
      : listOf([...itemsOf(operand)].reverse()),
  items: (operand) => (isUndefined(operand) ? listOf([]) : pairsOf(asMap(operand))),
};

/** `tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)` of transformers. */
function jsonOptions(args: FilterArguments): JsonOptions {
  const names = ["ensure_ascii", "indent", "separators", "sort_keys"];
  const [ensureAscii, indent, separators, sortKeys] = names.map((name, i) => {
    const value = args.take(i, name);
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

/** Where jinja2's `title` begins anew. */
const wordBorder = /([-\s({[<]+)/u;

/** Texts are compared whatever their case, unless a template asks for it. */
function foldCase(value: Value): Value {
  return isText(value) ? make(value.value.toLowerCase()) : value;
}

/** @param sign 1 for the largest, -1 for the smallest; the first of equals */
function extreme(operand: Value, sign: 1 | -1): Value {
  const [first = make(undefined), ...others] = itemsOf(operand);
  return others.reduce((best, item) => (order(item, best) * sign > 0 ? item : best), first);
}

function order(a: Value, b: Value): number {
  if (isText(a) !== isText(b)) throw new Error(`'<' not supported between ${a.type} and ${b.type}`);
  return isText(a) ? byCodePoint(foldCase(a).value, foldCase(b).value) : Number(a.value) - Number(b.value);
}

function lengthOf(operand: Value): Value {
  if (isUndefined(operand) || isText(operand) || isList(operand) || isMap(operand))
    return make(itemsOf(operand).length);
  throw new Error(`object of type '${operand.type}' has no len()`);
}

function byDefault(operand: Value, args: FilterArguments): Value {
  const value = args.take(0, "default_value") ?? make("");
  const whenFalse = args.take(1, "boolean")?.__bool__().value ?? false;
  return isUndefined(operand) || (whenFalse && !operand.__bool__().value) ? value : operand;
}

function asMap(operand: Value): Value {
  if (!isMap(operand)) throw new Error("Can only get item pairs from a mapping.");
  return operand;
}
