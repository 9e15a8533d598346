import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../onnx/builder.js";
import { matMulNBits } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { WeightFile } from "../onnx/weight-file.js";
import { dequantizeRows, integerRows, quantizeRows } from "./quantize.js";

/** Numbers with a spread like a weight matrix's; the same ones every time. */
function weights(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: count },
    () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

describe("quantizeRows", () => {
  it("uses the whole range: the value of largest magnitude is exact", () => {
    const row = new Float32Array(32).map((_, i) => i / 16 - 1);
    row[5] = -4;
    const four = quantizeRows(row, 32, 4);
    expect([...four.scales]).toEqual([0.5]);
    expect(four.blocks[2]! >> 4).toBe(0); // element 5: the high half of byte 2, step -8
    expect(dequantizeRows(four, 32, 4)[5]).toBe(-4);
    const positive = quantizeRows(
      row.map((value) => -value),
      32,
      4,
    );
    expect([...positive.scales]).toEqual([-0.5]);
    expect(dequantizeRows(positive, 32, 4)[5]).toBe(4);
    const eight = quantizeRows(row, 32, 8);
    expect(eight.blocks[5]).toBe(1);
    expect(dequantizeRows(eight, 32, 8)[5]).toBeCloseTo(-4, 6);
  });

  it("puts the earlier of two 4-bit values in the low half", () => {
    const row = new Float32Array(32);
    row[0] = -8;
    row[1] = 3;
    expect(quantizeRows(row, 32, 4).blocks[0]).toBe(0 | ((3 + 8) << 4));
  });

  it.each([
    4, 8,
  ] as const)("is off by at most half a step, %i bits (a whole one where it saturates)", (bits) => {
    const values = weights(7 * 200, 5);
    const quantized = quantizeRows(values, 200, bits);
    const back = dequantizeRows(quantized, 200, bits);
    for (let i = 0; i < values.length; i++) {
      const scale = Math.abs(quantized.scales[Math.floor(i / 200) * 7 + Math.floor((i % 200) / 32)]!);
      const error = Math.abs(back[i]! - values[i]!);
      const saturates = bits === 4 && Math.abs(values[i]!) > 7.5 * scale;
      expect(error).toBeLessThanOrEqual((saturates ? 1.0001 : 0.5001) * scale);
    }
  });

  it("keeps rows of zeros, and pads with the zero point", () => {
    const four = quantizeRows(new Float32Array(2 * 48), 48, 4);
    expect(four.blocks.length).toBe(2 * 2 * 16);
    expect(four.blocks.every((byte) => byte === 0x88)).toBe(true);
    expect(four.scales.every((scale) => scale === 0)).toBe(true);
    const eight = quantizeRows(weights(33, 1), 33, 8);
    expect([...eight.blocks.subarray(33)]).toEqual(new Array(31).fill(128));
  });
});

describe("integerRows", () => {
  it("uses the whole range of every row, and keeps rows of zeros", () => {
    const { whole, scales } = integerRows(Float32Array.of(2, -4, 1, 0, 0, 0, 127, 0.5, -0.5), 3);
    expect([...scales]).toEqual([Math.fround(4 / 127), 0, 1]);
    expect([...whole].map((value) => value + 0)).toEqual([64, -127, 32, 0, 0, 0, 127, 1, 0]);
  });
});

describe("MatMulNBits", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "prumerge-quantize-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function multiply(
    x: Float32Array,
    values: Float32Array,
    [outSize, inSize]: readonly [number, number],
    bits: 4 | 8,
    accuracyLevel: 0 | 4,
  ): Promise<Float32Array> {
    const quantized = quantizeRows(values, inSize, bits);
    const name = `${outSize}x${inSize}-${bits}-${accuracyLevel}.onnx`;
    const file = new WeightFile(`${name}_data`);
    const graph = new GraphBuilder("product");
    const perRow = Math.ceil(inSize / 32);
    const blocks = graph.weight(file, "blocks", "uint8", [outSize, perRow, 4 * bits], quantized.blocks);
    const scales = graph.weight(file, "scales", "float32", [outSize, perRow], quantized.scales);
    const input = graph.input("x", "float32", ["rows", inSize]);
    const shape = { outSize, inSize, bits, blockSize: 32, accuracyLevel };
    graph.output("y", matMulNBits(input, { blocks, scales, ...shape }));
    const data = new Uint8Array(file.byteLength);
    for (const { recipe, offset } of file.placements) {
      const { buffer, byteOffset, byteLength } = recipe as Uint8Array;
      data.set(new Uint8Array(buffer, byteOffset, byteLength), offset);
    }
    await writeFile(join(folder, `${name}_data`), data);
    await writeFile(join(folder, name), toBinary(ModelProtoSchema, graph.build()));
    const session = await InferenceSession.create(join(folder, name));
    const rows = x.length / inSize;
    const { y } = await session.run({ x: new Tensor("float32", x, [rows, inSize]) });
    await session.release();
    return y!.data as Float32Array;
  }

  const shapes = [
    [24, 64],
    [40, 48],
    [17, 200],
    [256, 688],
  ] as const;
  for (const [outSize, inSize] of shapes) {
    for (const bits of [4, 8] as const) {
      for (const accuracyLevel of [0, 4] as const) {
        it(`equals the product by the dequantised weights: [${outSize}, ${inSize}], ${bits} bits, accuracy ${accuracyLevel}`, async () => {
          const values = weights(outSize * inSize, 7);
          const x = weights(5 * inSize, 11).map((value) => value * 50);
          const result = await multiply(x, values, [outSize, inSize], bits, accuracyLevel);
          const dequantized = dequantizeRows(quantizeRows(values, inSize, bits), inSize, bits);
          let largest = 0;
          let worst = 0;
          for (let row = 0; row < 5; row++) {
            for (let column = 0; column < outSize; column++) {
              let sum = 0;
              for (let k = 0; k < inSize; k++)
                sum += x[row * inSize + k]! * dequantized[column * inSize + k]!;
              largest = Math.max(largest, Math.abs(sum));
              worst = Math.max(worst, Math.abs(sum - result[row * outSize + column]!));
            }
          }
          // Level 4 rounds activations to 8 bits, block by block; level 0 is float32 throughout.
          expect(worst).toBeLessThan((accuracyLevel === 0 ? 2e-6 : 2e-2) * largest);
        });
      }
    }
  }
});
