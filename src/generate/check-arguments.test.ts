import { describe, expect, it } from "vitest";
import { pruMerge, pruMergePlus } from "../reduce/index.js";
import { checkKept, checkPictures, checkQuestion, checkReducer, checkReuse } from "./check-arguments.js";

const refusal = (where: string) =>
  expect.objectContaining({
    code: "INVALID_OPTION",
    message: expect.stringMatching(`^${where}: .*expected.*found`),
  });

describe("reducers", () => {
  it.each([pruMerge(), pruMergePlus({ tokens: 3 })])("takes $method", (reducer) => {
    checkReducer(reducer);
  });

  it.each([
    "prumerge",
    pruMerge,
    { tokens: 64 },
    { budget: { kind: "all" } },
    null,
    64,
  ])("refuses %o", (found) => {
    expect(() => checkReducer(found)).toThrow(refusal("reducer"));
  });

  it.each([{}, { budget: {} }])("names the budget that %o lacks", (said) => {
    const found = { plan: pruMerge().plan, ...said };
    expect(() => checkReducer(found)).toThrow(refusal("reducer\\.budget"));
  });
});

describe("pictures", () => {
  it("takes rows of the language model's width", () => {
    checkPictures([], 8);
    checkPictures([{ embeddings: { rows: 1, columns: 8, data: new Float32Array(8) } }], 8);
  });

  it.each([undefined, {}, "photo.jpg", { embeddings: { rows: 1, columns: 4 } }])("refuses %o", (found) => {
    expect(() => checkPictures([found], 8)).toThrow(refusal("seen"));
  });
});

describe("questions", () => {
  it.each([
    "",
    "What?",
    { prompt: "x" },
    [],
    [{ role: "user", content: "x" }],
    [{ role: "user", content: [] }],
    [{ role: "user", content: [{ type: "image" }, { type: "text", text: "x" }] }],
  ])("takes %o", (question) => {
    checkQuestion(question);
  });

  it.each([
    undefined,
    null,
    5,
    {},
    ["What?"],
    [{ role: "user" }],
    [{ content: "x" }],
    [{ role: "user", content: [{ type: "video", text: "x" }] }],
    [{ role: "user", content: [null] }],
    [{ role: "user", content: [{ type: "text" }] }],
    [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }],
    { prompt: 5 },
  ])("refuses %o", (question) => {
    expect(() => checkQuestion(question)).toThrow(refusal("question"));
  });

  it.each([
    [["What?"], "object"],
    [undefined, "undefined"],
    [null, "null"],
    [5, "number"],
  ])("says what %o is", (question, found) => {
    expect(() => checkQuestion(question)).toThrow(
      new RegExp(`expected a string, \\{ prompt \\}, or a list of .*, found ${found}$`),
    );
  });
});

describe("what is kept and reused", () => {
  it.each([undefined, true, false, "pictures"])("takes the mode %o", (mode) => {
    checkReuse(mode);
  });

  it.each(["picture", 1, null])("refuses the mode %o", (mode) => {
    expect(() => checkReuse(mode)).toThrow(refusal("reusePrefix"));
  });

  it("says which modes there are, and a text as it is", () => {
    expect(() => checkReuse("picture")).toThrow(/expected true, false or "pictures", found "picture"$/);
  });

  it.each([undefined, 0, 4, Number.POSITIVE_INFINITY])("takes a limit of %o", (limit) => {
    checkKept(limit, "keepCaches");
  });

  it.each([-1, Number.NaN])("refuses a limit of %o", (limit) => {
    expect(() => checkKept(limit, "keepCacheBytes")).toThrow(refusal("keepCacheBytes"));
  });
});
