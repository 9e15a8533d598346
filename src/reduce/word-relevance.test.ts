import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Matrix } from "../tensor/matrix.js";
import { cdPruner } from "./methods/cdpruner.js";
import { wordRelevance } from "./word-relevance.js";

interface Packed {
  readonly rows: number;
  readonly columns: number;
  readonly data: string;
}
interface Recorded {
  readonly name: string;
  readonly patches: Packed;
  readonly words: Packed;
  readonly kept: Readonly<Record<string, readonly [readonly number[]]>>;
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL("../../test/fixtures/reduce/word-relevance.json", import.meta.url), "utf8"),
);
const unpack = ({ rows, columns, data }: Packed): Matrix => {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return { rows, columns, data: new Float32Array(bytes.buffer) };
};
const matrixOf = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  columns: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
});

describe("relevance by the language model's words", () => {
  it.each(recorded)("makes CDPruner keep what its program keeps of $name", ({ patches, words, kept }) => {
    const projected = unpack(patches);
    const relevance = wordRelevance(projected, unpack(words));
    const signals = {
      grid: { rows: 1, columns: projected.rows },
      patches: projected,
      keys: projected,
      queries: projected,
      classToken: false,
      heads: 1,
      projected,
      relevance,
    };
    for (const [count, [expected]] of Object.entries(kept))
      expect([...cdPruner({ tokens: Number(count) }).plan(signals).keptPatches]).toEqual(expected);
  });

  it("is the cosine with the mean of the words, long words weighing more", () => {
    const patches = matrixOf([
      [2, 0],
      [0, 3],
      [-1, 0],
      [0, 0],
      [1, 1],
    ]);
    const relevance = wordRelevance(
      patches,
      matrixOf([
        [6, 0],
        [0, 8],
      ]),
    );
    const expected = [0.6, 0.8, -0.6, 0, 1.4 * Math.SQRT1_2];
    relevance.forEach((value, patch) => {
      expect(value).toBeCloseTo(expected[patch]!, 6);
    });
    expect([...wordRelevance(patches, matrixOf([[0, 0]]))]).toEqual([0, 0, 0, 0, 0]);
  });

  it("refuses words of another width, and none", () => {
    const patches = matrixOf([[1, 0]]);
    for (const words of [matrixOf([[1, 0, 0]]), { rows: 0, columns: 2, data: new Float32Array() }])
      expect(() => wordRelevance(patches, words)).toThrow(
        expect.objectContaining({ code: "INVALID_TENSOR", message: expect.stringMatching(/^words: /) }),
      );
  });
});
