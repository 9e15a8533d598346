import { blockSize } from "../../src/graphs/weights.js";

export interface Quantized {
  /** uint8 [rows, blocks, 32 * bits / 8]; 4 bits: low nibble first. */
  readonly blocks: Uint8Array;
  /** float32 [rows, blocks] */
  readonly scales: Float32Array;
}

/** Symmetric block quantisation written for reading, not for speed: scale = extreme / -2^(bits-1), zero point 2^(bits-1). */
export function quantizeSlowly(weights: Float32Array, rows: number, columns: number, bits: 4 | 8): Quantized {
  const perRow = Math.ceil(columns / blockSize);
  const half = 2 ** (bits - 1);
  const blocks = new Uint8Array((rows * perRow * blockSize * bits) / 8);
  const scales = new Float32Array(rows * perRow);
  for (let block = 0; block < rows * perRow; block++) {
    const row = Math.floor(block / perRow);
    const first = (block % perRow) * blockSize;
    const values = weights.subarray(
      row * columns + first,
      row * columns + Math.min(first + blockSize, columns),
    );
    let extreme = 0;
    for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
    const scale = Math.fround(extreme / -half);
    scales[block] = scale;
    for (let i = 0; i < blockSize; i++) {
      const steps = scale === 0 || i >= values.length ? 0 : Math.round(values[i]! / scale);
      const level = Math.min(steps + half, 2 * half - 1);
      const at = block * blockSize + i;
      if (bits === 8) blocks[at] = level;
      else blocks[at >> 1]! |= level << (4 * (at & 1));
    }
  }
  return { blocks, scales };
}
