import { PrumergeError } from "../../errors.js";

/** Reads little-endian values from bytes, one after another. Every method throws `INVALID_FILE` at the end. */
export class ByteCursor {
  readonly #view: DataView;
  #at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly where: string,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** An unsigned whole number of 1, 2 or 4 bytes. */
  unsigned(size: 1 | 2 | 4): number {
    const at = this.#take(size);
    if (size === 4) return this.#view.getUint32(at, true);
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint8(at);
  }

  /** A two's complement whole number of up to 8 bytes, exact up to 2^53. */
  long(size: number): number {
    if (size > 8) throw this.#error("a whole number of more than 8 bytes");
    let value = 0n;
    const at = this.#take(size);
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(at + i));
    return Number(BigInt.asIntN(size * 8, value));
  }

  /** A big-endian float64, as pickles hold it. */
  double(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** UTF-8 of so many bytes. */
  text(size: number): string {
    const at = this.#take(size);
    return new TextDecoder().decode(this.bytes.subarray(at, at + size));
  }

  /** Text up to a line break, which is skipped. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#error("a line without an end");
    const text = this.text(end - this.#at);
    this.#take(1);
    return text;
  }

  #take(size: number): number {
    const at = this.#at;
    if (at + size > this.bytes.length) throw this.#error("an early end");
    this.#at += size;
    return at;
  }

  #error(found: string): PrumergeError {
    return new PrumergeError("INVALID_FILE", "the file is malformed", { where: this.where, found });
  }
}
