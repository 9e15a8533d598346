const space = /[ \t\r\n]*/y;
const scalar =
  /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;

/**
 * Where a text stops being JSON, as an offset: `JSON.parse` tells that in some of its messages only.
 *
 * @returns the offset of the first token that is not allowed where it stands; the text's length for JSON that is cut off
 * or complete
 */
export function findJsonBreak(text: string): number {
  const open: ("{" | "[")[] = [];
  let at = 0;
  /** What may come next: a value, a value or the end of a list, a key, a key or the end of an object, or what follows. */
  let next: "value" | "first" | "key" | "firstKey" | "after" = "value";
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  for (;;) {
    take(space);
    const character = text[at];
    if (character === undefined) return at;
    if (next === "after") {
      const inside = open.at(-1);
      if (character === "," && inside !== undefined) next = inside === "{" ? "key" : "value";
      else if (character === (inside === "{" ? "}" : "]") && inside !== undefined) open.pop();
      else return at;
      at++;
    } else if ((next === "first" && character === "]") || (next === "firstKey" && character === "}")) {
      open.pop();
      next = "after";
      at++;
    } else if (next === "key" || next === "firstKey") {
      if (character !== '"' || !take(scalar)) return at;
      take(space);
      if (text[at] !== ":") return at;
      at++;
      next = "value";
    } else if (character === "{" || character === "[") {
      open.push(character);
      next = character === "{" ? "firstKey" : "first";
      at++;
    } else if (take(scalar)) next = "after";
    else return at;
  }
}
