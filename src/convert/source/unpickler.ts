import { PrumergeError } from "../../errors.js";
import { ByteCursor } from "./byte-cursor.js";
import type { PickleValue } from "./pickle-values.js";

const stackLimit = 2_000_000;
const memoLimit = 2_000_000;
const markLimit = 1000;

/** The state of a pickle being read: a stack, cut by marks, and a memo. */
export class Unpickler {
  readonly input: ByteCursor;
  #stack: PickleValue[] = [];
  readonly #below: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(
    bytes: Uint8Array,
    readonly where: string,
    /** Whether what is not allowed is only looked at, for a message, instead of refused. */
    readonly looking = false,
  ) {
    this.input = new ByteCursor(bytes, where);
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
    this.#check(this.#stack.length, stackLimit);
  }

  pop(): PickleValue {
    return this.popSeveral(1)[0]!;
  }

  popSeveral(count: number): PickleValue[] {
    if (this.#stack.length < count) throw this.malformed("an operation without its values");
    return this.#stack.splice(this.#stack.length - count);
  }

  /** The topmost value. */
  get top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.malformed("an operation without its value");
    return value;
  }

  mark(): void {
    this.#below.push(this.#stack);
    this.#check(this.#below.length, markLimit);
    this.#stack = [];
  }

  /** Everything since the last mark. */
  popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#below.pop();
    if (below === undefined) throw this.malformed("an end without its mark");
    this.#stack = below;
    return items;
  }

  remember(key: number): void {
    this.#memo.set(key, this.top);
    this.#check(this.#memo.size, memoLimit);
  }

  recall(key: number): void {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.malformed("a value that was never remembered");
    this.push(value);
  }

  unsafe(found: string): PrumergeError {
    return new PrumergeError("UNSAFE_PICKLE", "the pickle asks for something other than tensors", {
      where: this.where,
      found,
      help: "Nothing of it was executed. If you trust the file, save its tensors as safetensors.",
    });
  }

  malformed(found: string): PrumergeError {
    return new PrumergeError("INVALID_FILE", "the pickle is malformed", { where: this.where, found });
  }

  #check(size: number, limit: number): void {
    if (size <= limit) return;
    throw new PrumergeError("LIMIT_EXCEEDED", "the pickle is absurdly large", { where: this.where });
  }
}
