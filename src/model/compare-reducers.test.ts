import { describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/toy-engine.js";
import { idOf, toyContext, toyPicture } from "../../test/support/toy-prompts.js";
import { startAnswer } from "../generate/answer.js";
import type { Picture } from "../image/index.js";
import type { Reducer } from "../reduce/index.js";
import { compareReducers } from "./compare-reducers.js";
import type { LoadedModel } from "./model.js";

describe("comparing reducers", () => {
  it("warms up once, shares no prefix, and answers in the order asked", async () => {
    const engine = new ToyEngine(() => idOf("cat"));
    const context = toyContext(engine);
    const seen: string[] = [];
    const shown = { none: toyPicture(8, 0.5), prumerge: toyPicture(2, 0.5), uniform: toyPicture(4, 0.5) };
    const model = {
      see: async (pictures: readonly unknown[], reducer: Reducer) => {
        seen.push(reducer.method);
        return pictures.map(() => shown[reducer.method as keyof typeof shown]);
      },
      answer: (...[pictures, question, options]: Parameters<LoadedModel["answer"]>) =>
        startAnswer(context, [pictures ?? []].flat(), question, options ?? {}),
    } as unknown as LoadedModel;
    const reducers = ["none", "prumerge", "uniform"].map((method) => ({ method }) as Reducer);
    const options = { see: {}, answer: { maxNewTokens: 3 } };
    const compared = await compareReducers(model, [{} as Picture], "what is it ?", reducers, options);
    expect(seen).toEqual(["uniform", "none", "prumerge", "uniform"]);
    expect(compared.map(({ reducer, result }) => [reducer.method, result.visualTokens, result.text])).toEqual(
      [
        ["none", 8, "cat cat cat"],
        ["prumerge", 2, "cat cat cat"],
        ["uniform", 4, "cat cat cat"],
      ],
    );
    // Prompts whole, each followed by two steps; the warm-up by none.
    expect(engine.runs.map((rows) => rows.length)).toEqual([11, 15, 1, 1, 9, 1, 1, 11, 1, 1]);
  });

  it("refuses to compare nothing", async () => {
    const comparing = compareReducers({} as LoadedModel, [], "what is it ?", []);
    await expect(comparing).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/^reducers: .*expected at least one reducer, found none/),
    });
  });
});
