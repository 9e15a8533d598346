import { isText, listOf, make, type Value } from "./values.js";

const whiteSpace =
  " \\t\\n\\r\\v\\f\\x1c-\\x1f\\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Methods of Python's strings that @huggingface/jinja 0.5 lacks, or gives without their arguments. */
const methods: Readonly<Record<string, (text: string, args: readonly Value[]) => unknown>> = {
  strip: (text, [characters]) => strip(text, characters, true, true),
  lstrip: (text, [characters]) => strip(text, characters, true, false),
  rstrip: (text, [characters]) => strip(text, characters, false, true),
  capitalize: (text) => {
    const [first = "", ...rest] = text;
    return first.toUpperCase() + rest.join("").toLowerCase();
  },
  find: (text, [part]) => {
    const at = text.indexOf(word(part));
    return at < 0 ? at : Array.from(text.slice(0, at)).length;
  },
  count: (text, [part]) => text.split(word(part)).length - 1,
  rsplit: (text, [separator, most]) => splitFromRight(text, separator, most),
  removeprefix: (text, [part]) => (text.startsWith(word(part)) ? text.slice(word(part).length) : text),
  removesuffix: (text, [part]) =>
    word(part) !== "" && text.endsWith(word(part)) ? text.slice(0, -word(part).length) : text,
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isupper: (text) => text !== text.toLowerCase() && text === text.toUpperCase(),
  islower: (text) => text !== text.toUpperCase() && text === text.toLowerCase(),
  join: (text, [parts]) => {
    const items: readonly Value[] = parts?.value ?? [];
    return items.map((item) => word(item)).join(text);
  },
};

/** A method of a text that is called as Python's, or `undefined` where the library's own is right. */
export function stringMethod(text: Value, name: string): Value | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method === undefined) return undefined;
  const made = make(() => null);
  made.value = (args: readonly Value[]) => {
    if (args.some(({ type }) => type === "KeywordArgumentsValue"))
      throw new Error(`${name}() takes no keyword arguments`);
    const result = method(text.value, args);
    return Array.isArray(result) ? listOf(result.map(make)) : make(result);
  };
  return made;
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

function splitFromRight(text: string, separator: Value | undefined, most: Value | undefined): string[] {
  const limit = most === undefined || most.value < 0 ? Number.POSITIVE_INFINITY : (most.value as number);
  const parts = text.split(word(separator));
  const first = Math.max(0, parts.length - 1 - limit);
  return [parts.slice(0, first + 1).join(word(separator)), ...parts.slice(first + 1)];
}
