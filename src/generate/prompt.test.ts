import { describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { idOf, toyPicture, toyTokenizer } from "../../test/support/toy-prompts.js";
import type { Engine } from "../runtime/engine.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { WorkClock } from "../see/work-clock.js";
import { beginsWith, countPositions, countTokens, promptPlaces, promptRows, splice } from "./prompt.js";

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

describe("where the parts of a prompt stand", () => {
  const plain = toyPicture(2, 0);
  const moved: VisualTokens = { ...toyPicture(2, 0), place: { at: Int32Array.of(5, 1), advance: 9 } };
  const weighed: VisualTokens = { ...toyPicture(2, 0), bias: Float32Array.of(0.5, 2) };

  it("is one after another, but for rows with places of their own", () => {
    const units = [7, plain, moved, 8, 9];
    expect([countTokens(units), countPositions(units)]).toEqual([7, 14]);
    expect(promptPlaces(units, 0)).toEqual({ positions: [0, 1, 2, 8, 4, 12, 13], next: 14 });
    expect(promptPlaces(units, 2)).toEqual({ positions: [8, 4, 12, 13], next: 14 });
    expect(promptPlaces(units, 5)).toEqual({ positions: [], next: 14 });
  });

  it("comes with what keys add to attention, where a picture that is fed has some", () => {
    const units = [7, weighed, 8, plain];
    expect(promptPlaces(units, 0)).toEqual({
      positions: [0, 1, 2, 3, 4, 5],
      bias: Float32Array.of(0, 0.5, 2, 0, 0, 0),
      next: 6,
    });
    expect(promptPlaces(units, 2)).toEqual({ positions: [3, 4, 5], next: 6 });
  });
});

describe("a picture whose views stand between texts", () => {
  const runs = [2, 0, 1].map((rows) => ({ embeddings: toyPicture(rows, 0).embeddings }));
  const parted: VisualTokens = {
    ...toyPicture(3, 0),
    parted: { texts: ["a ", " cat ", " dog ", " ?"], runs },
  };
  const prompts = {
    ...{ tokenizer: toyTokenizer(), bosToken: "<s>" },
    ...{ imageToken: "<image>", imageTokenId: idOf("<image>") },
  };
  const [first, empty, last] = runs;
  const ids = (...words: string[]) => words.map(idOf);

  it("brings its texts, tokenised with the rest, and each run in its place", () => {
    const units = [...ids("a"), first, ...ids("cat"), empty, ...ids("dog"), last, ...ids("?")];
    expect(splice("<s> what <image> it", [parted], prompts)).toEqual([
      ...ids("<s>", "what"),
      ...units,
      idOf("it"),
    ]);
    const whole = toyPicture(1, 5);
    expect(splice("<s> <image> is <image>", [parted, whole], prompts)).toEqual([
      ...ids("<s>"),
      ...units,
      idOf("is"),
      whole,
    ]);
  });

  it("takes the place that stands for it where the image token is text", () => {
    const place = "{here}";
    const text = `<s> what ${place} it`;
    const found = { ...prompts, imageTokenId: idOf("yes"), place };
    // The tokenizer that goes with it knows the place by the image token's id.
    const encode = (words: string) => ({
      ids: toyTokenizer().encode(words.replaceAll(place, "yes"), { add_special_tokens: false }).ids,
    });
    const units = splice(text, [parted], { ...found, tokenizer: { ...toyTokenizer(), encode } as never });
    expect(units.filter((unit) => typeof unit !== "number")).toEqual(runs);
  });

  it("is refused where the prompt has other places", async () => {
    for (const text of ["<s> what", "<s> <image> <image>"]) {
      const { message } = await refusal("INVALID_OPTION", () => splice(text, [parted], prompts));
      expect(message).toMatch(/1 times <image>, found [02] in the prompt/);
    }
  });
});
