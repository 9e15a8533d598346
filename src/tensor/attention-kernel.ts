/**
 * Attention in WebAssembly's lanes of 128 bits, float32: about ten times as fast as a loop of JavaScript, whose products are made
 * one at a time. `attention-kernel.wat` beside this file is what the bytes say, and how they are made.
 */
export class AttentionKernel {
  readonly #attend: Exports["attend"];
  readonly #memory: Float32Array;
  readonly #tokens: number;
  /** Tokens, and what fills the last lanes up. */
  readonly #places: number;
  readonly #width: number;

  private constructor({ memory, attend }: Exports, tokens: number, width: number) {
    this.#places = Math.ceil(tokens / lanes) * lanes;
    const floats = (width + 4) * this.#places + together * width;
    memory.grow(Math.ceil((4 * floats) / pageBytes));
    this.#memory = new Float32Array(memory.buffer);
    this.#attend = attend;
    this.#tokens = tokens;
    this.#width = width;
    const start = width * this.#places;
    this.#memory.fill(padding, start + tokens, start + this.#places);
  }

  /**
   * For one head's keys at a time. Undefined where there is no WebAssembly with such lanes, or a page's content policy allows none.
   *
   * @param width columns of a head
   */
  static open(tokens: number, width: number): AttentionKernel | undefined {
    try {
      const bytes = Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0));
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      return new AttentionKernel(exports as unknown as Exports, tokens, width);
    } catch {
      return undefined;
    }
  }

  /**
   * Adds to a total what each key of a head receives of some queries: the sum of softmax(scale q K^T) over them.
   *
   * @param keys,queries [T, columns] and [any, columns], all heads side by side
   * @param first column of the head
   * @param total [T]
   */
  add({ keys, queries, columns, first, scale }: HeadOfAll, total: Float64Array): void {
    const [memory, places, width] = [this.#memory, this.#places, this.#width];
    for (let token = 0; token < this.#tokens; token++) {
      const start = token * columns + first;
      for (let c = 0; c < width; c++) memory[c * places + token] = keys[start + c]!;
    }
    const rows = queries.length / columns;
    for (let from = 0; from < rows; from += together) {
      const some = queries.subarray(from * columns, Math.min(rows, from + together) * columns);
      this.#addSome({ keys, queries: some, columns, first, scale }, total);
    }
  }

  /** The kernel takes queries two by two: one alone is taken twice, and counts half. */
  #addSome({ queries, columns, first, scale }: HeadOfAll, total: Float64Array): void {
    const rows = queries.length / columns;
    const even = rows - (rows % 2);
    for (const [from, to, taken, share] of [
      [0, even, even, 1],
      [even, rows, 2, 0.5],
    ] as const) {
      if (from === to) continue;
      const [memory, places, width] = [this.#memory, this.#places, this.#width];
      const own = (width + 1) * places;
      for (let row = 0; row < taken; row++) {
        const start = Math.min(from + row, to - 1) * columns + first;
        for (let c = 0; c < width; c++)
          memory[own + row * width + c] = queries[start + c]! * scale * Math.LOG2E;
      }
      const sums = own + taken * width + 2 * places;
      memory.fill(0, sums, sums + places);
      this.#attend(width, places, taken);
      for (let token = 0; token < this.#tokens; token++) total[token]! += share * memory[sums + token]!;
    }
  }
}

/** Keys and queries of all heads, and the head that is meant. */
interface HeadOfAll {
  readonly keys: Float32Array;
  readonly queries: Float32Array;
  readonly columns: number;
  readonly first: number;
  readonly scale: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  attend(width: number, tokens: number, queries: number): void;
}

/** Keys that the kernel takes at once. */
const lanes = 16;
/** Queries in memory at a time; the sum over them is float32. */
const together = 64;
const pageBytes = 65_536;
/** Far below every score. */
const padding = -1e30;

/** SHA-256 of the text that the bytes are made of. */
export const source = "c874a3de4bdaaa98b3c425a86388f802ba7bd75438bbbb57406d5e64cddbcf87";

const code =
  "AGFzbQEAAAABDwJgA39/fwBgBX9/f39/AAMEAwABAAUDAQABBxMCBm1lbW9yeQIABmF0dGVuZAAACvgHA24BBn8gAUECdCEDIAAg" +
  "A2whBCAEIANqIQUgBSACIABsQQJ0aiEGIAYgA0EBdGohB0EAIQgDQCADIAQgBSAIIABsQQJ0aiAAQQJ0IAYQASAGIAMgBxACIAYg" +
  "A2ogAyAHEAIgCEECaiIIIAJJDQALC+ACAgR/DnsgAiADaiEIA0AgASAFav0ABAAiDyETIAEgBWr9AAQQIhAhFCABIAVq/QAEICIR" +
  "IRUgASAFav0ABDAiEiEWIAUhBiACIQcDQCAH/QkCACEJIAcgA2r9CQIAIQogBv0ABAAhCyAG/QAEECEMIAb9AAQgIQ0gBv0ABDAh" +
  "DiAPIAkgC/3mAf3kASEPIBAgCSAM/eYB/eQBIRAgESAJIA395gH95AEhESASIAkgDv3mAf3kASESIBMgCiAL/eYB/eQBIRMgFCAK" +
  "IAz95gH95AEhFCAVIAogDf3mAf3kASEVIBYgCiAO/eYB/eQBIRYgBiAAaiEGIAdBBGoiByAISQ0ACyAEIAVqIQYgBiAP/QsEACAG" +
  "IBD9CwQQIAYgEf0LBCAgBiAS/QsEMCAGIABqIQYgBiAT/QsEACAGIBT9CwQQIAYgFf0LBCAgBiAW/QsEMCAFQcAAaiIFIABJDQAL" +
  "C6QEAgJ/BXsgACABaiEEIAAhAyAD/QAEACEFA0AgBSAD/QAEAP3rASEFIANBEGoiAyAESQ0ACyAFIAUgBf0NCAkKCwwNDg8AAQID" +
  "BAUGB/3rASEFIAUgBSAF/Q0EBQYHAAECAwwNDg8ICQoL/esBIQUgACEDA0D9DAAA/MIAAPzCAAD8wgAA/MIgA/0ABAAgBf3lAf3r" +
  "ASEHIAf9aiEIIAcgCP3lASEH/QyJhCE5iYQhOYmEITmJhCE5IQkgCSAH/eYB/Qz/w646/8OuOv/Drjr/w646/eQBIQkgCSAH/eYB" +
  "/QxblR08W5UdPFuVHTxblR08/eQBIQkgCSAH/eYB/QxHWGM9R1hjPUdYYz1HWGM9/eQBIQkgCSAH/eYB/Qzw/XU+8P11PvD9dT7w" +
  "/XU+/eQBIQkgCSAH/eYB/QwYcjE/GHIxPxhyMT8YcjE//eQBIQkgCSAH/eYB/QwAAIA/AACAPwAAgD8AAIA//eQBIQkgCSAI/fgB" +
  "QRf9qwH9rgEhCSADIAn9CwQAIAYgCf3kASEGIANBEGoiAyAESQ0ACyAGIAYgBv0NCAkKCwwNDg8AAQIDBAUGB/3kASEGIAYgBiAG" +
  "/Q0EBQYHAAECAwwNDg8ICQoL/eQBIQb9DAAAgD8AAIA/AACAPwAAgD8gBv3nASEGIAAhAwNAIAIgAv0ABAAgA/0ABAAgBv3mAf3k" +
  "Af0LBAAgAkEQaiECIANBEGoiAyAESQ0ACws=";
