import { dictionaryOf, isHashable, type Literal } from "./literal.js";
import { readNumber } from "./python-number.js";
import { readString } from "./python-string.js";

/** Longest text that is read; a judge's answer is a line. */
const longestText = 2 ** 16;
/** Brackets inside of each other, as Python's tokenizer allows. */
const deepest = 200;

/**
 * What Python's `ast.literal_eval` makes of a text: numbers, strings, bytes, tuples, lists, sets, dictionaries, True, False,
 * None, and nothing else. Nothing is evaluated. Undefined where Python raises, or the text is longer than 64 Ki characters.
 * Source: Python 3.11, Lib/ast.py and the language reference, section 2; spaces and tabs at the start are cut off there.
 */
export function readLiteral(text: string): Literal | undefined {
  if (text.length > longestText || text.includes("\0") || /\\\n?$/.test(text)) return undefined;
  const source = text.replace(/^[ \t]+/, "").replace(/\r\n?/g, "\n");
  // A line that begins with white space would be a block of statements.
  const start = /^(?:[ \t\f]*(?:#[^\n]*)?\n)*/.exec(source)![0].length;
  if (start > 0 && /[ \t]/.test(source.charAt(start))) return undefined;
  try {
    return new LiteralReader(source, start).whole();
  } catch (error) {
    if (error === refused) return undefined;
    throw error;
  }
}

const refused = Symbol("refused");

class LiteralReader {
  readonly #text: string;
  #at: number;
  #depth = 0;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  /** An expression, or several with commas between them, and nothing behind but empty lines and comments. */
  whole(): Literal {
    const first = this.#expression();
    const literal = this.#peek() === "," ? this.#tuple(first, undefined) : first;
    const rest = this.#text.slice(this.#at);
    if (!/^(?:[ \t\f]*(?:#[^\n]*)?\n)*[ \t\f]*(?:#[^\n]*)?$/.test(rest)) throw refused;
    return literal;
  }

  /** A signed number, a real and an imaginary one added, or an atom. */
  #expression(): Literal {
    const left = this.#signed();
    const sign = this.#peek();
    if (sign !== "+" && sign !== "-") return left;
    this.#at++;
    const right = this.#atom();
    if ((left.kind !== "int" && left.kind !== "float") || right.kind !== "complex") throw refused;
    return right;
  }

  #signed(): Literal {
    const sign = this.#peek();
    if (sign !== "+" && sign !== "-") return this.#atom();
    this.#at++;
    const operand = this.#atom(true);
    if (sign === "+") return operand;
    if (operand.kind === "int" || operand.kind === "float")
      return { ...operand, value: -operand.value } as Literal;
    return operand;
  }

  /** @param unsigned whether it has to be a number that has no sign yet, in parentheses or not */
  #atom(unsigned = false): Literal {
    const next = this.#peek();
    if (unsigned) {
      if (next === "(") return this.#bracketed(() => this.#atom(true), ")");
      const { kind } = this.#lookAtNumber();
      if (kind === undefined) throw refused;
    }
    switch (next) {
      case "(":
        return this.#parenthesised();
      case "[":
        return this.#bracketed(() => ({ kind: "list", items: this.#items("]") }), "]");
      case "{":
        return this.#bracketed(() => this.#setOrDictionary(), "}");
      case '"':
      case "'":
        return this.#strings();
    }
    return this.#stringsOrUndefined() ?? this.#number() ?? this.#name();
  }

  #bracketed(read: () => Literal, close: string): Literal {
    this.#at++;
    if (++this.#depth > deepest) throw refused;
    const literal = read();
    this.#expect(close);
    this.#depth--;
    return literal;
  }

  #parenthesised(): Literal {
    return this.#bracketed(() => {
      if (this.#peek() === ")") return { kind: "tuple", items: [] };
      const first = this.#expression();
      return this.#peek() === "," ? this.#tuple(first, ")") : first;
    }, ")");
  }

  #tuple(first: Literal, close: string | undefined): Literal {
    this.#expect(",");
    return { kind: "tuple", items: [first, ...this.#items(close)] };
  }

  /** Up to the bracket that closes, or the end of the line; a comma may stand behind the last one. */
  #items(close: string | undefined): Literal[] {
    const items: Literal[] = [];
    const ends = () => [close, ...(close === undefined ? ["", "\n", "#"] : [])].includes(this.#peek());
    while (!ends()) {
      items.push(this.#expression());
      if (ends()) break;
      this.#expect(",");
    }
    return items;
  }

  #setOrDictionary(): Literal {
    if (this.#peek() === "}") return { kind: "dict", entries: [] };
    const first = this.#expression();
    if (this.#peek() !== ":") {
      if (this.#peek() !== "}") this.#expect(",");
      const items = [first, ...this.#items("}")];
      if (!items.every(isHashable)) throw refused;
      return { kind: "set", items };
    }
    const entries: (readonly [Literal, Literal])[] = [];
    let key = first;
    for (;;) {
      this.#expect(":");
      entries.push([key, this.#expression()]);
      if (this.#peek() !== "}") this.#expect(",");
      if (this.#peek() === "}") break;
      key = this.#expression();
    }
    if (!entries.every(([key]) => isHashable(key))) throw refused;
    return dictionaryOf(entries);
  }

  #strings(): Literal {
    const literal = this.#stringsOrUndefined();
    if (literal === undefined) throw refused;
    return literal;
  }

  /** Strings beside each other are one; text and bytes do not mix. */
  #stringsOrUndefined(): Literal | undefined {
    let whole: { kind: "str" | "bytes"; value: string } | undefined;
    for (;;) {
      this.#peek();
      const next = readString(this.#text, this.#at);
      if (next === undefined) return whole;
      if (whole !== undefined && whole.kind !== next.kind) throw refused;
      whole = { kind: next.kind, value: (whole?.value ?? "") + next.value };
      this.#at = next.end;
    }
  }

  #lookAtNumber(): { kind: string | undefined } {
    return { kind: readNumber(this.#text, this.#at)?.literal.kind };
  }

  #number(): Literal | undefined {
    const found = readNumber(this.#text, this.#at);
    if (found !== undefined) this.#at = found.end;
    return found?.literal;
  }

  #name(): Literal {
    const word = /^(?:\.\.\.|[A-Za-z]+(?![\p{L}\p{N}_]))/u.exec(
      this.#text.slice(this.#at, this.#at + 8),
    )?.[0];
    this.#at += word?.length ?? 0;
    switch (word) {
      case "None":
        return { kind: "none" };
      case "True":
      case "False":
        return { kind: "bool", value: word === "True" };
      case "...":
        return { kind: "ellipsis" };
      case "set":
        this.#expect("(");
        this.#expect(")");
        return { kind: "set", items: [] };
    }
    throw refused;
  }

  #expect(character: string): void {
    if (this.#peek() !== character) throw refused;
    this.#at++;
  }

  /** The next character that means something; lines end nothing inside of brackets. */
  #peek(): string {
    const skipped = this.#depth > 0 ? /(?:[ \t\f\n]|\\\n|#[^\n]*)*/y : /(?:[ \t\f]|\\\n)*/y;
    skipped.lastIndex = this.#at;
    this.#at += skipped.exec(this.#text)![0].length;
    return this.#text.charAt(this.#at);
  }
}
