import { isNumber, isText, isUndefined, type Value } from "./values.js";

const digits = "\\d+(?:_\\d+)*";
const whole = new RegExp(`^[+-]?${digits}$`);
const decimal = new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[+-]?${digits})?$`, "i");

/** What jinja2's `int` makes of a value: Python's `int()`, else that of its `float()`; `undefined` where neither can. */
export function wholeNumber(value: Value): number | undefined {
  if (isUndefined(value)) throw new Error("an undefined value is no number");
  if (isNumber(value)) return Math.trunc(Number(value.value));
  if (!isText(value)) return undefined;
  const text = value.value.trim();
  if (!whole.test(text) && !decimal.test(text)) return undefined;
  const number = Math.trunc(Number(text.replaceAll("_", "")));
  return Number.isFinite(number) ? number : undefined;
}
