import { strip } from "../scoring/python-text.js";

/** What Python's `int()` makes of a value, or what it raises. */
export type Integer = { readonly value: number } | { readonly error: PythonError };

/** An exception of the official program, by Python's name and in its words. */
export interface PythonError {
  readonly type: string;
  readonly text: string;
}

/** `int(text)`: white space around, a sign, digits with single underscores between. */
export function integerOfText(text: string): Integer {
  const [, sign, digits] = /^([+-]?)(\p{Nd}(?:_?\p{Nd})*)$/u.exec(strip(text)) ?? [];
  if (digits === undefined) {
    const quoted = text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text}'`;
    return {
      error: { type: "ValueError", text: `invalid literal for int() with base 10: ${quoted}` },
    };
  }
  const plain = [...digits.replaceAll("_", "")].map(digitOf).join("");
  return { value: Number(`${sign}${plain}`) };
}

/** `int(number)`: cut off towards zero. */
export function integerOfNumber(number: number): Integer {
  if (Number.isFinite(number)) return { value: Math.trunc(number) + 0 };
  return {
    error: { type: "OverflowError", text: "cannot convert float infinity to integer" },
  };
}

/** The digits of every script of Unicode stand in tens, from zero up. */
function digitOf(digit: string): string {
  const point = digit.codePointAt(0)!;
  let first = point;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((point - first) % 10);
}
