import { describe, expect, it } from "vitest";
import { samplePicture, sampleTask } from "../../../test/support/sample-task.js";
import { groupByPicture, selectQuestions } from "./select-questions.js";

const ids = (questions: readonly { readonly id: string }[]) => questions.map(({ id }) => id).join(" ");
const pictures = [samplePicture(1), samplePicture(2), samplePicture(3)];
const twelve = Array.from({ length: 12 }, (_, index) => ({ id: `${index}`, picture: pictures[index % 3]! }));
const { loaded } = sampleTask(twelve);

describe("selectQuestions", () => {
  it("takes all, or so many spread evenly", () => {
    expect(ids(selectQuestions(loaded, { limit: null, shard: null }))).toBe("0 1 2 3 4 5 6 7 8 9 10 11");
    expect(ids(selectQuestions(loaded, { limit: 4, shard: null }))).toBe("0 4 6 11");
    expect(ids(selectQuestions(loaded, { limit: 99, shard: null }))).toBe("0 1 2 3 4 5 6 7 8 9 10 11");
  });

  it.each([2, 3, 6])("falls in with no rhythm of the files: every %i questions", (beats) => {
    const many = Array.from({ length: 900 }, (_, index) => ({ id: `${index}` }));
    const taken = selectQuestions(sampleTask(many).loaded, { limit: 150, shard: null });
    expect(new Set(ids(taken).split(" ")).size).toBe(150);
    for (let beat = 0; beat < beats; beat++) {
      const share = taken.filter(({ id }) => Number(id) % beats === beat).length / 150;
      expect(Math.abs(share - 1 / beats)).toBeLessThan(0.02);
    }
  });

  it("takes whole units, one at least", () => {
    const pairs = {
      ...loaded,
      judge: () =>
        [0, 1, 2, 3, 4, 5].map((n) => ({ questions: [`${2 * n}`, `${2 * n + 1}`], credit: 0, groups: [] })),
    };
    expect(ids(selectQuestions(pairs, { limit: 5, shard: null }))).toBe("0 1 8 9");
    expect(ids(selectQuestions(pairs, { limit: 1, shard: null }))).toBe("0 1");
  });

  it("parts make the whole, and no picture is in two of them", () => {
    const parts = [1, 2].map((index) => selectQuestions(loaded, { limit: null, shard: { index, count: 2 } }));
    expect(ids(parts[0]!)).toBe("0 2 3 5 6 8 9 11");
    expect(ids(parts[1]!)).toBe("1 4 7 10");
    expect(selectQuestions(loaded, { limit: null, shard: { index: 4, count: 4 } })).toEqual([]);
  });
});

describe("groupByPicture", () => {
  it("puts questions about one picture together, whether a file or bytes", () => {
    const bytes = (value: number) => ({ name: "x", bytes: Uint8Array.of(value, value) });
    const { loaded: mixed } = sampleTask([
      { picture: bytes(1) },
      { picture: pictures[0]! },
      { picture: bytes(2) },
      { picture: undefined },
      { picture: bytes(1) },
      { picture: undefined },
      { picture: { ...pictures[0]! } },
    ]);
    expect(groupByPicture(mixed.questions).map(ids)).toEqual(["q0 q4", "q1 q6", "q2", "q3", "q5"]);
  });
});
