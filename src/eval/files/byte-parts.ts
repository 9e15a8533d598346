/** The beginning of something whose end is in a later chunk; copies what it keeps, since chunks are overwritten. */
export class ByteParts {
  #parts: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
  }

  /** All that was kept with the rest behind it; nothing is kept then. */
  takeWith(rest: Buffer): Buffer {
    if (this.#length === 0) return rest;
    const whole = Buffer.concat([...this.#parts, rest]);
    this.#parts = [];
    this.#length = 0;
    return whole;
  }
}
