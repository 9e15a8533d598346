/** `len(text)` as Python counts: code points, where JavaScript counts UTF-16 units. */
export function codePointLength(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** `text[:count]` as Python cuts: in code points. */
export function firstCodePoints(text: string, count: number): string {
  let first = "";
  for (const character of text) {
    if (count-- <= 0) break;
    first += character;
  }
  return first;
}
