/**
 * What Python's `str` methods do where JavaScript's differ. The public scorers are Python programs, and an answer that
 * ends in an unusual space must be read as they read it.
 */

/** Characters for which Python's `str.isspace` holds: without U+FEFF, with the separators U+001C to U+001F and U+0085. */
const space = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const outerSpace = new RegExp(`^[${space}]+|[${space}]+$`, "g");
const innerSpace = new RegExp(`[${space}]+`);

/** `text.strip()` */
export function stripSpace(text: string): string {
  return text.replace(outerSpace, "");
}

/** `text.split()`: words between runs of white space, none of them empty. */
export function splitWords(text: string): string[] {
  return text.split(innerSpace).filter((word) => word !== "");
}

/** `len(text)`: code points, where JavaScript counts UTF-16 units. */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** `text[:count]`, in code points. */
export function firstCodePoints(text: string, count: number): string {
  let first = "";
  for (const character of text) {
    if (count-- <= 0) break;
    first += character;
  }
  return first;
}
