/**
 * Text as Python sees it, where JavaScript differs: `str.strip()` and `str.split()` take the separators U+001C to U+001F
 * and U+0085 for white space, and leave U+FEFF alone.
 */
/** The inside of a class of Python's white space. */
export const space =
  "\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const around = new RegExp(`^[${space}]+|[${space}]+$`, "g");
const between = new RegExp(`[${space}]+`);

/** `str.strip()` */
export function strip(text: string): string {
  return text.replace(around, "");
}

/** `str.split()` */
export function splitWords(text: string): string[] {
  const stripped = strip(text);
  return stripped === "" ? [] : stripped.split(between);
}

/** `str.strip(character)` for one character. */
export function stripCharacter(text: string, character: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text[start] === character) start++;
  while (end > start && text[end - 1] === character) end--;
  return text.slice(start, end);
}

/** `str.rstrip(character)` for one character. */
export function stripEnd(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}

/** `str.capitalize()` for texts that do not begin with a digraph. */
export function capitalize(text: string): string {
  const first = text.codePointAt(0);
  if (first === undefined) return text;
  const letter = String.fromCodePoint(first);
  return letter.toUpperCase() + text.slice(letter.length).toLowerCase();
}
