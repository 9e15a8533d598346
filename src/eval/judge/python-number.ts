import type { Literal } from "./literal.js";

const digits = "[0-9](?:_?[0-9])*";
const fraction = `(?:${digits}\\.(?:${digits})?|\\.${digits})`;
const exponent = `(?:[eE][+-]?${digits})`;
const other = /0(?:[xX](?:_?[0-9a-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)/y;
const floating = new RegExp(`(?:${fraction}${exponent}?|${digits}${exponent})`, "y");
const decimal = new RegExp(digits, "y");
/** Python refuses to read a longer one: reading takes time that grows with the square of the length. */
const longestInteger = 4300;

/** A number as Python writes it, at a place of a text. Undefined where none stands there. */
export function readNumber(text: string, at: number): { literal: Literal; end: number } | undefined {
  const [form, word] = firstMatch(text, at) ?? [];
  if (form === undefined || word === undefined) return undefined;
  const end = at + word.length;
  if (/[jJ]/.test(text.charAt(end))) {
    if (form === "other") return undefined;
    return standsAlone(text, end + 1) ? { literal: { kind: "complex" }, end: end + 1 } : undefined;
  }
  if (!standsAlone(text, end)) return undefined;
  const plain = word.replaceAll("_", "");
  if (form === "floating") return { literal: { kind: "float", value: Number(plain) }, end };
  if (form === "decimal") {
    const leadingZeros = /^0+[1-9]/.test(plain);
    if (leadingZeros || plain.length > longestInteger) return undefined;
  }
  return { literal: { kind: "int", value: BigInt(plain.toLowerCase()) }, end };
}

function firstMatch(text: string, at: number): readonly [form: string, word: string] | undefined {
  for (const [form, pattern] of Object.entries({ other, floating, decimal })) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return [form, found[0]];
  }
  return undefined;
}

/** No letter or digit behind: `4th` is no number. */
function standsAlone(text: string, end: number): boolean {
  return !/[\p{L}\p{N}_]/u.test(text.charAt(end));
}
