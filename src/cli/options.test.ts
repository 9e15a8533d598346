import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { formatBudget, parseBudget } from "../reduce/index.js";
import { chosenReducer } from "./reducer-option.js";
import { StatusLine } from "./status-line.js";
import { hasColours, styled } from "./terminal.js";

describe("--visual-tokens", () => {
  it.each([
    ["64", { kind: "exact", rows: 64 }],
    ["25%", { kind: "share", ratio: 0.25 }],
    ["5.5%", { kind: "share", ratio: 0.055 }],
    ["33.3%", { kind: "share", ratio: 0.333 }],
    ["adaptive", { kind: "rule" }],
    ["adaptive:64", { kind: "cap", rows: 64 }],
    ["all", { kind: "all" }],
  ])("%s", (value, budget) => {
    expect(parseBudget(value)).toEqual(budget);
    expect(formatBudget(parseBudget(value)!)).toBe(value);
  });

  it.each([
    "",
    "0",
    "-1",
    "6.4",
    "64 ",
    "adaptive:",
    "adaptive:0",
    "adaptive:x",
    "adaptive:64:2",
    "0%",
    "101%",
    "5.%",
    "all:3",
    "1e3",
  ])("refuses %j", (value) => expect(parseBudget(value)).toBeUndefined());
});

describe("chosenReducer", () => {
  it("leaves the choice to the model where nothing is said", () => {
    expect(chosenReducer({ seed: 3 })).toBeUndefined();
  });

  it("has the default budget of the method unless another is given", () => {
    expect(chosenReducer({ method: "prumerge+" })!.options).toMatchObject({ maxTokens: 144 });
    expect(chosenReducer({ visualTokens: { kind: "rule" } })!.budget).toEqual({ kind: "rule" });
    expect(chosenReducer({ visualTokens: { kind: "exact", rows: 9 } })!.method).toBe("prumerge+");
    expect(chosenReducer({ method: "prumerge" })!.budget).toEqual({ kind: "rule" });
    expect(chosenReducer({ method: "prumerge-plus" })!.method).toBe("prumerge+");
    expect(chosenReducer({ method: "uniform" })!.options).toEqual({ keepRatio: 0.25 });
  });

  it("seeds what is random", () => {
    const reducer = chosenReducer({ method: "random", visualTokens: { kind: "exact", rows: 5 }, seed: 9 });
    expect(reducer!.options).toMatchObject({ tokens: 5, seed: 9 });
    expect(() => chosenReducer({ method: "random", visualTokens: { kind: "cap", rows: 5 } })).toThrow(
      /random does not take .*expected a count, or a share, found adaptive:5/,
    );
  });
});

function stream(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const through = new PassThrough();
  let text = "";
  through.on("data", (chunk) => {
    text += chunk;
  });
  return { stream: Object.assign(through, { isTTY, columns: 60 }) as never, text: () => text };
}

describe("a terminal", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("gets colours only where it is one and wants them", () => {
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("TERM", "xterm");
    expect(hasColours(stream(true).stream)).toBe(true);
    expect(hasColours(stream(false).stream)).toBe(false);
    expect(styled("x", "bold", stream(false).stream)).toBe("x");
    vi.stubEnv("NO_COLOR", "1");
    expect(styled("x", "dim", stream(true).stream)).toBe("x");
    vi.stubEnv("NO_COLOR", "");
    vi.stubEnv("TERM", "dumb");
    expect(hasColours(stream(true).stream)).toBe(false);
  });

  it("shows progress on one line that fits, and clears it", async () => {
    const shown = stream(true);
    const line = new StatusLine({}, shown.stream);
    line.progress("Downloading model.safetensors", 5e8, 1e9, 10);
    line.clear();
    await new Promise((resolve) => setImmediate(resolve));
    const [first, last] = shown.text().split("\r\u001B[2K").slice(1);
    expect(first).toMatch(/^Downloading model\.safetensors {2}\[#{10}-{10}\] 50 %/);
    expect(first!.length).toBeLessThan(60);
    expect(last).toBe("");
  });

  it.each([
    ["a pipe", {}, false],
    ["--quiet", { quiet: true }, true],
  ])("shows none for %s", async (_, options, isTTY) => {
    const shown = stream(isTTY);
    const line = new StatusLine(options, shown.stream);
    line.show("Loading");
    line.clear();
    await new Promise((resolve) => setImmediate(resolve));
    expect(shown.text()).toBe("");
  });
});
