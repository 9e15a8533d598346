import { blockSize } from "../graphs/weights.js";

/** Rows quantised in blocks along their columns, in the layout of ONNX Runtime's MatMulNBits. */
export interface QuantizedRows {
  /** [rows, ceil(columns / 32), 32 * bits / 8]; of two 4-bit values the earlier one is in the low half of its byte. */
  readonly blocks: Uint8Array;
  /** [rows, ceil(columns / 32)] */
  readonly scales: Float32Array;
}

/** Bytes and scales that one row takes. */
export function quantizedRowSize(columns: number, bits: 4 | 8): { blockBytes: number; scales: number } {
  const scales = Math.ceil(columns / blockSize);
  return { blockBytes: (scales * blockSize * bits) / 8, scales };
}

/**
 * Symmetric block quantisation: value = scale * (stored - zero point), zero point 2^(bits - 1), blocks of 32.
 *
 * 4 bits: scale is the value of largest magnitude, with its sign, over -8, so that this value is exact and the step -8
 * is used; the opposite end saturates at 7. 8 bits: scale is the largest magnitude over 127. Halves round up. A row's
 * last block is filled with the zero point. `values` holds whole rows of `columns`, finite.
 */
export function quantizeRows(values: Float32Array, columns: number, bits: 4 | 8): QuantizedRows {
  const rows = values.length / columns;
  const size = quantizedRowSize(columns, bits);
  const blocks = new Uint8Array(rows * size.blockBytes);
  const scales = new Float32Array(rows * size.scales);
  const quantizeBlock = bits === 4 ? quantizeBlock4 : quantizeBlock8;
  const blockBytes = (blockSize * bits) / 8;
  const padded = new Float32Array(blockSize);
  for (let row = 0, block = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    for (let at = row * columns; at < end; at += blockSize, block++) {
      if (at + blockSize <= end) {
        scales[block] = quantizeBlock(values, at, blocks, block * blockBytes);
      } else {
        padded.fill(0);
        padded.set(values.subarray(at, end));
        scales[block] = quantizeBlock(padded, 0, blocks, block * blockBytes);
      }
    }
  }
  return { blocks, scales };
}

function quantizeBlock4(values: Float32Array, from: number, blocks: Uint8Array, to: number): number {
  let low = values[from]!;
  let high = low;
  for (let i = from + 1; i < from + blockSize; i++) {
    const value = values[i]!;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  const scale = Math.fround((high > -low ? high : low) / -8);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < blockSize / 2; i++) {
    const first = (values[from + 2 * i]! * inverse + 8.5) | 0;
    const second = (values[from + 2 * i + 1]! * inverse + 8.5) | 0;
    blocks[to + i] = Math.min(first, 15) | (Math.min(second, 15) << 4);
  }
  return scale;
}

function quantizeBlock8(values: Float32Array, from: number, blocks: Uint8Array, to: number): number {
  let largest = 0;
  for (let i = from; i < from + blockSize; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest) largest = magnitude;
  }
  const scale = Math.fround(largest / 127);
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < blockSize; i++) blocks[to + i] = (values[from + i]! * inverse + 128.5) | 0;
  return scale;
}

/** Rows of whole numbers with a scale each. */
export interface IntegerRows {
  /** [rows, columns], whole numbers from -127 to 127 */
  readonly whole: Float32Array;
  /** [rows] */
  readonly scales: Float32Array;
}

/** Symmetric, one scale for each row: its largest magnitude over 127. Halves round up. `values` holds whole rows of `columns`, finite. */
export function integerRows(values: Float32Array, columns: number): IntegerRows {
  const whole = new Float32Array(values.length);
  const scales = new Float32Array(values.length / columns);
  for (let row = 0, from = 0; row < scales.length; row++, from += columns) {
    let largest = 0;
    for (let i = from; i < from + columns; i++) {
      const magnitude = Math.abs(values[i]!);
      if (magnitude > largest) largest = magnitude;
    }
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : 1 / scale;
    scales[row] = scale;
    for (let i = from; i < from + columns; i++) whole[i] = Math.floor(values[i]! * inverse + 0.5);
  }
  return { whole, scales };
}

/** The values that quantised rows stand for; the inverse of {@link quantizeRows} up to its rounding. */
export function dequantizeRows(quantized: QuantizedRows, columns: number, bits: 4 | 8): Float32Array {
  const { blocks, scales } = quantized;
  const perRow = Math.ceil(columns / blockSize);
  const rows = scales.length / perRow;
  const values = new Float32Array(rows * columns);
  const zeroPoint = 2 ** (bits - 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const position = row * perRow * blockSize + column;
      const stored =
        bits === 8 ? blocks[position]! : (blocks[position >> 1]! >> (position & 1 ? 4 : 0)) & 0x0f;
      values[row * columns + column] =
        (stored - zeroPoint) * scales[row * perRow + Math.floor(column / blockSize)]!;
    }
  }
  return values;
}
