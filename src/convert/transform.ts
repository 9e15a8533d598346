import { PrumergeError } from "../errors.js";
import { encodeFloat16 } from "../tensor/half.js";
import { integerRows, quantizedRowSize, quantizeRows } from "./quantize.js";
import type { IntegerOutput, PlainOutput, QuantizedOutput, RowBand } from "./weight-job.js";

/** Takes finished bytes to their place, an offset in bytes within one of the destination files. */
export type WriteBytes = (file: number, bytes: Uint8Array, offset: number) => void;

/**
 * Turns a band of rows into the bytes of every output of its job. Nothing larger than the band is ever held.
 *
 * @param values [endRow - startRow, columns]
 * @throws PrumergeError INVALID_TENSOR for NaN, infinities, and values that float16 does not hold
 */
export function transformBand(band: RowBand, values: Float32Array, write: WriteBytes): void {
  const { source, outputs } = band.job;
  const narrow = outputs.some((output) => "type" in output && output.type === "float16");
  checkRange(source, values, narrow ? largestFloat16 : largestFloat32);
  for (const output of outputs) {
    if (output.op === "quantize") quantize(band, values, output, write);
    else if (output.op === "integers") writeIntegers(band, values, output, write);
    else if (output.op === "transpose") transposeRows(band, values, output, write);
    else copyRows(band, values, output, write);
  }
}

/** Values from 65520 on round to infinity. */
const largestFloat16 = 65519.99;
const largestFloat32 = 3.4028234663852886e38;

function checkRange(source: string, values: Float32Array, limit: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]!) <= limit) continue;
    throw new PrumergeError("INVALID_TENSOR", "a weight cannot be stored", {
      expected: limit === largestFloat16 ? "finite values that float16 holds" : "finite values",
      found: String(values[i]),
      where: source,
    });
  }
}

const elementBytes = { float32: 4, float16: 2, int8: 1 } as const;

function store(values: Float32Array, type: keyof typeof elementBytes): Uint8Array {
  const { buffer, byteOffset, byteLength } = encoded[type](values);
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

const encoded = {
  float32: (values: Float32Array) => values,
  float16: encodeFloat16,
  int8: (values: Float32Array) => Int8Array.from(values),
} as const;

function copyRows(band: RowBand, values: Float32Array, output: PlainOutput, write: WriteBytes): void {
  const rowBytes = band.job.columns * elementBytes[output.type];
  write(output.file, store(values, output.type), output.offset + band.startRow * rowBytes);
}

/** Columns that are transposed at a time: their destination rows and the source lines they come from fit in cache. */
const tile = 16;

/** Where and as what a band's rows are written as columns. */
interface Turned {
  readonly file: number;
  readonly offset: number;
  readonly type: keyof typeof elementBytes;
}

/** Column c of the band becomes a run of row c in the destination, written on its own. */
function transposeRows(band: RowBand, values: Float32Array, output: Turned, write: WriteBytes): void {
  const { rows, columns } = band.job;
  const count = band.endRow - band.startRow;
  const bytes = elementBytes[output.type];
  const turned = new Float32Array(tile * count);
  for (let column = 0; column < columns; column += tile) {
    const width = Math.min(tile, columns - column);
    for (let row = 0; row < count; row++) {
      const from = row * columns + column;
      for (let i = 0; i < width; i++) turned[i * count + row] = values[from + i]!;
    }
    const stored = store(turned.subarray(0, width * count), output.type);
    const at = output.offset + (column * rows + band.startRow) * bytes;
    if (count === rows) {
      write(output.file, stored, at);
      continue;
    }
    for (let i = 0; i < width; i++) {
      write(output.file, stored.subarray(i * count * bytes, (i + 1) * count * bytes), at + i * rows * bytes);
    }
  }
}

function quantize(band: RowBand, values: Float32Array, output: QuantizedOutput, write: WriteBytes): void {
  const { columns } = band.job;
  const size = quantizedRowSize(columns, output.bits);
  const { blocks, scales } = quantizeRows(values, columns, output.bits);
  if (output.blocks !== undefined) {
    write(output.file, blocks, output.blocks + band.startRow * size.blockBytes);
  }
  if (output.scales !== undefined) {
    write(output.file, store(scales, "float32"), output.scales + band.startRow * size.scales * 4);
  }
}

function writeIntegers(
  band: RowBand,
  values: Float32Array,
  { file, whole, scales }: IntegerOutput,
  write: WriteBytes,
): void {
  const rows = integerRows(values, band.job.columns);
  if (whole !== undefined) transposeRows(band, rows.whole, { file, offset: whole, type: "int8" }, write);
  if (scales !== undefined) write(file, store(rows.scales, "float32"), scales + band.startRow * 4);
}
