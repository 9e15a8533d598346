import { isText, itemsOf, listOf, make, type Value } from "./values.js";

const whiteSpace =
  " \\t\\n\\r\\v\\f\\x1c-\\x1f\\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

type Method = (text: string, args: readonly Value[]) => unknown;

/**
 * Methods of Python's strings that @huggingface/jinja 0.5 lacks, or gives without their arguments, and how many of those
 * are known.
 */
const methods: Readonly<Record<string, readonly [most: number, Method]>> = {
  strip: [1, (text, [characters]) => strip(text, characters, true, true)],
  lstrip: [1, (text, [characters]) => strip(text, characters, true, false)],
  rstrip: [1, (text, [characters]) => strip(text, characters, false, true)],
  capitalize: [0, capitalize],
  title: [0, (text) => text.replace(/\p{L}+/gu, capitalize)],
  find: [
    1,
    (text, [part]) => {
      const at = text.indexOf(word(part));
      return at < 0 ? at : Array.from(text.slice(0, at)).length;
    },
  ],
  count: [
    1,
    (text, [part]) => (word(part) === "" ? Array.from(text).length + 1 : text.split(word(part)).length - 1),
  ],
  startswith: [1, (text, [part]) => words(part).some((one) => text.startsWith(one))],
  endswith: [1, (text, [part]) => words(part).some((one) => text.endsWith(one))],
  rsplit: [2, (text, [separator, most]) => splitFromRight(text, separator, most)],
  removeprefix: [1, (text, [part]) => (text.startsWith(word(part)) ? text.slice(word(part).length) : text)],
  removesuffix: [
    1,
    (text, [part]) =>
      word(part) !== "" && text.endsWith(word(part)) ? text.slice(0, -word(part).length) : text,
  ],
  isdigit: [0, (text) => /^\p{Nd}+$/u.test(text)],
  isupper: [0, (text) => text !== text.toLowerCase() && text === text.toUpperCase()],
  islower: [0, (text) => text !== text.toUpperCase() && text === text.toLowerCase()],
  join: [
    1,
    (text, [parts]) =>
      itemsOf(parts ?? make(null))
        .map((item) => word(item))
        .join(text),
  ],
};

/** A method of a text that is called as Python's, or `undefined` where the library's own is right. */
export function stringMethod(text: Value, name: string): Value | undefined {
  const known = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (known === undefined) return undefined;
  const [most, method] = known;
  const made = make(() => null);
  made.value = (args: readonly Value[]) => {
    if (args.length > most || args.some(({ type }) => type === "KeywordArgumentsValue"))
      throw new Error(`${name}() is not known with these arguments`);
    const result = method(text.value, args);
    return Array.isArray(result) ? listOf(result.map(make)) : make(result);
  };
  return made;
}

/** The first letter large, all others small. */
export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

/** @param characters any of which is taken off; white space where undefined or none */
export function strip(text: string, characters: Value | undefined, left: boolean, right: boolean): string {
  const given = characters === undefined || characters.type === "NullValue" ? undefined : word(characters);
  const set = given === undefined ? whiteSpace : given.replace(/[\\\]^-]/g, "\\$&");
  if (set === "") return text;
  const start = left ? text.replace(new RegExp(`^[${set}]+`, "u"), "") : text;
  return right ? start.replace(new RegExp(`[${set}]+$`, "u"), "") : start;
}

function word(value: Value | undefined): string {
  if (value !== undefined && isText(value)) return value.value;
  throw new Error(`must be str, not ${value?.type ?? "nothing"}`);
}

/** One text, or a tuple of them. */
function words(value: Value | undefined): string[] {
  return value?.type === "TupleValue" ? (value.value as Value[]).map(word) : [word(value)];
}

function splitFromRight(text: string, separator: Value | undefined, most: Value | undefined): string[] {
  const limit = most === undefined || most.value < 0 ? Number.POSITIVE_INFINITY : (most.value as number);
  const parts = text.split(word(separator));
  const first = Math.max(0, parts.length - 1 - limit);
  return [parts.slice(0, first + 1).join(word(separator)), ...parts.slice(first + 1)];
}
