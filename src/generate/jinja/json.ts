import { byCodePoint, isList, isMap, isText, type Value } from "./values.js";

/** Options of Python's `json.dumps` that transformers' `tojson` has. */
export interface JsonOptions {
  readonly ensureAscii: boolean;
  /** Spaces a level, or the text for one; undefined for one line. */
  readonly indent: string | undefined;
  /** Between items, and between a key and its value. */
  readonly separators: readonly [item: string, key: string];
  readonly sortKeys: boolean;
}

/**
 * A value as transformers' `tojson` writes it: Python's `json.dumps`, without HTML's escapes.
 *
 * @throws Error for what is no JSON, undefined values among it
 */
export function jsonOf(value: Value, options: JsonOptions, level = 0): string {
  if (isText(value)) return textJson(value.value, options);
  if (value.type === "NullValue") return "null";
  if (value.type === "BooleanValue") return String(value.value);
  if (value.type === "IntegerValue" || value.type === "FloatValue") return value.toString();
  if (isList(value)) {
    return block(
      "[",
      (value.value as Value[]).map((one) => jsonOf(one, options, level + 1)),
      "]",
      options,
      level,
    );
  }
  if (isMap(value)) {
    const entries = [...(value.value as ReadonlyMap<string, Value>)];
    if (options.sortKeys) entries.sort(([a], [b]) => byCodePoint(a, b));
    const items = entries.map(
      ([key, one]) => `${textJson(key, options)}${options.separators[1]}${jsonOf(one, options, level + 1)}`,
    );
    return block("{", items, "}", options, level);
  }
  throw new Error(`Object of type ${value.type} is not JSON serializable`);
}

function block(
  open: string,
  items: readonly string[],
  close: string,
  options: JsonOptions,
  level: number,
): string {
  const { indent, separators } = options;
  if (items.length === 0) return open + close;
  if (indent === undefined) return open + items.join(separators[0]) + close;
  const line = `\n${indent.repeat(level + 1)}`;
  return `${open}${line}${items.join(separators[0] + line)}\n${indent.repeat(level)}${close}`;
}

function textJson(text: string, { ensureAscii }: JsonOptions): string {
  const json = JSON.stringify(text);
  if (!ensureAscii) return json;
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
