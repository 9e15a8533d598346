import { PrumergeError } from "../errors.js";
import { starterModel } from "./names.js";

/**
 * Typed access to one JSON object of a model configuration. A key that is absent or null takes the default; a value of
 * the wrong kind is refused with its place. Getters without a default require the key.
 */
export class ConfigReader {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();
  readonly #children = new Map<string, ConfigReader>();

  /** @param where Path of the file and of this object in it, for messages. */
  constructor(
    values: unknown,
    readonly where: string,
  ) {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw this.#wrong("a JSON object", values);
    }
    this.#values = values as Record<string, unknown>;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** Whether the key is there and null, which some keys set apart from an absent one. */
  isNull(key: string): boolean {
    this.#asked.add(key);
    return Object.hasOwn(this.#values, key) && this.#values[key] === null;
  }

  isEmpty(): boolean {
    return Object.keys(this.#values).length === 0;
  }

  /** Keys with a value other than null that nobody has asked for yet. */
  unread(): string[] {
    return Object.keys(this.#values).filter((key) => !this.#asked.has(key) && this.peek(key) !== undefined);
  }

  /** The objects in it that somebody has asked for. */
  children(): ConfigReader[] {
    return [...this.#children.values()];
  }

  /** The value as {@link raw} gives it, without counting as asked for. */
  peek(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  /** The value as it is; null counts as absent. */
  raw(key: string): unknown {
    this.#asked.add(key);
    return this.peek(key);
  }

  /** A whole number of 1 or more: a count or size. */
  size(key: string, byDefault?: number): number {
    return this.#read(key, byDefault, "a whole number, 1 or more", (value): value is number => {
      return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 2 ** 31;
    });
  }

  integer(key: string, byDefault?: number): number {
    return this.#read(key, byDefault, "a whole number", (value): value is number => {
      return Number.isSafeInteger(value);
    });
  }

  /** A whole number from 0 to `count` - 1: an index into something of `count` entries. */
  index(key: string, count: number, byDefault?: number): number {
    return this.checkedIndex(key, this.integer(key, byDefault), count);
  }

  /** The index itself where it lies within `count` entries, else an error that names the key. */
  checkedIndex(key: string, index: number, count: number): number {
    if (index >= 0 && index < count) return index;
    throw this.#wrong(`${key}: within ${count} entries`, this.raw(key) ?? index);
  }

  /** A finite number above 0. */
  positive(key: string, byDefault?: number): number {
    return this.#read(key, byDefault, "a number above 0", (value): value is number => {
      return Number.isFinite(value) && (value as number) > 0;
    });
  }

  boolean(key: string, byDefault?: boolean): boolean {
    return this.#read(key, byDefault, "true or false", (value) => typeof value === "boolean");
  }

  string(key: string, byDefault?: string): string {
    return this.#read(key, byDefault, "a string", (value) => typeof value === "string");
  }

  object(key: string): ConfigReader | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const child = this.#children.get(key) ?? new ConfigReader(value, `${this.where}, ${key}`);
    this.#children.set(key, child);
    return child;
  }

  /** One of a few words, each mapped to ours; any other is a model of a kind that we do not run. */
  choice<Word extends string>(key: string, words: readonly Word[], byDefault?: Word): Word {
    const found = this.string(key, byDefault);
    if ((words as readonly string[]).includes(found)) return found as Word;
    throw this.unsupported(key, words.join(" or "), found);
  }

  /** The error for a well-formed value that names something that we do not run; it says what to begin with instead. */
  unsupported(key: string, expected: string, found: unknown = this.raw(key)): PrumergeError {
    return new PrumergeError("UNSUPPORTED_MODEL", `${key} is not supported`, {
      where: this.where,
      expected,
      found: show(found),
      help: `docs/models.md lists what converts; a small checkpoint that does is ${starterModel}`,
    });
  }

  #read<T>(key: string, byDefault: T | undefined, expected: string, is: (value: unknown) => value is T): T {
    const value = this.raw(key) ?? byDefault;
    if (value === undefined) throw this.#wrong(`${key}: ${expected}`, undefined);
    if (!is(value)) throw this.#wrong(`${key}: ${expected}`, value);
    return value;
  }

  #wrong(expected: string, value: unknown): PrumergeError {
    const found = show(value);
    return new PrumergeError("INVALID_FILE", "bad configuration", { where: this.where, expected, found });
  }
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 120);
}
