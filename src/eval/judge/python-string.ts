const simple: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const escapes = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/gu;
const opening = /([uUbB]?|[rR][bB]?|[bB][rR])("""|'''|"|')/y;

/** A string as Python writes it. */
export interface PythonString {
  readonly kind: "str" | "bytes";
  readonly value: string;
  readonly end: number;
}

/**
 * A string of Python at a place of a text, its escapes read. Undefined where none stands there, or where Python refuses it; also
 * for `\N{...}`, which asks for the names of Unicode, and for f-strings, which are no literals.
 */
export function readString(text: string, at: number): PythonString | undefined {
  opening.lastIndex = at;
  const [whole, prefix, quote] = opening.exec(text) ?? [];
  if (whole === undefined || prefix === undefined || quote === undefined) return undefined;
  const from = at + whole.length;
  const to = closing(text, from, quote);
  if (to === undefined) return undefined;
  const body = text.slice(from, to);
  const kind = /b/i.test(prefix) ? "bytes" : "str";
  const ascii = [...body].every((letter) => letter.charCodeAt(0) < 128);
  if (kind === "bytes" && !ascii) return undefined;
  const value = /r/i.test(prefix) ? body : readEscapes(body, kind);
  return value === undefined ? undefined : { kind, value, end: to + quote.length };
}

/** Where the closing quote stands; a backslash keeps the character behind it from being one. */
function closing(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text.startsWith(quote, at)) return at;
    else if (text[at] === "\n" && quote.length === 1) return undefined;
  }
  return undefined;
}

function readEscapes(body: string, kind: "str" | "bytes"): string | undefined {
  let fails = false;
  const value = body.replace(escapes, (whole, octal, two, four, eight, letter) => {
    if (octal !== undefined) return code(Number.parseInt(octal, 8) & (kind === "bytes" ? 0xff : 0x1ff));
    if (two !== undefined) return code(Number.parseInt(two, 16));
    const wide = four ?? eight;
    if (wide !== undefined && kind === "bytes") return whole;
    if (wide !== undefined) {
      const point = Number.parseInt(wide, 16);
      if (point <= 0x10ffff) return code(point);
      fails = true;
      return "";
    }
    const needsMore = letter === "x" || (kind === "str" && ["u", "U", "N"].includes(letter));
    if (needsMore) fails = true;
    return simple[letter] ?? whole;
  });
  return fails ? undefined : value;
}

function code(point: number): string {
  return point <= 0xffff ? String.fromCharCode(point) : String.fromCodePoint(point);
}
