import { describe, expect, it } from "vitest";
import { toyPicture } from "../../test/support/toy-prompts.js";
import type { Engine } from "../runtime/engine.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { WorkClock } from "../see/work-clock.js";
import { beginsWith, promptRows } from "./prompt.js";

describe("the beginning of a prompt", () => {
  it.each([
    ["<s>USER: hello", "<s>", true],
    ["USER: <s>", "<s>", false],
    ["USER: hello", undefined, false],
    ["USER: hello", "", false],
    ["undefined is what?", undefined, false],
  ])("of %j with the token %j: %s", (text, token, expected) => {
    expect(beginsWith(text, token)).toBe(expected);
  });
});

describe("what the language model is fed", () => {
  /** A word's embedding, of width 3: its id, and its place among the words, twice. */
  const embeds: Pick<Engine, "embed"> = {
    embed: async (ids) => ({
      ...{ rows: ids.length, columns: 3, milliseconds: 0 },
      data: Float32Array.from(ids.flatMap((id, at) => [id, at, at])),
    }),
  };
  const picture = (rows: number, from: number): VisualTokens => ({
    ...toyPicture(rows, 0),
    embeddings: { rows, columns: 3, data: Float32Array.from({ length: 3 * rows }, (_, at) => from + at) },
  });
  const rows = (...units: Parameters<typeof promptRows>[1]) => promptRows(embeds as Engine, units);

  it("is each word's and each picture's rows in their places", async () => {
    expect(await rows(7, picture(2, 100), 8, 9, picture(1, 200))).toEqual({
      ...{ rows: 6, columns: 3 },
      data: Float32Array.of(7, 0, 0, 100, 101, 102, 103, 104, 105, 8, 1, 1, 9, 2, 2, 200, 201, 202),
    });
    expect(await rows(7, 8)).toEqual([7, 8]);
  });

  it("asks for no words where there are none", async () => {
    const refusing = { embed: () => Promise.reject(new Error("asked")) } as unknown as Engine;
    expect(await promptRows(refusing, [picture(1, 5)])).toEqual({
      ...{ rows: 1, columns: 3 },
      data: Float32Array.of(5, 6, 7),
    });
  });

  it("counts the wait for words as waiting", async () => {
    const slow = {
      embed: async (ids: number[]) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return embeds.embed(ids);
      },
    } as unknown as Engine;
    const clock = new WorkClock();
    await promptRows(slow, [7, picture(1, 5)], undefined, clock);
    expect(clock.waited).toBeGreaterThan(25);
  });
});
