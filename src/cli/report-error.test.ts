import { describe, expect, it } from "vitest";
import { PrumergeError } from "../errors.js";
import { exitCodes } from "./exit-codes.js";
import { describeError } from "./report-error.js";
import { refusingInput } from "./wrong-input.js";

describe("describeError", () => {
  it("puts the reason on one line and the help on a second", () => {
    const error = new PrumergeError("NOT_FOUND", "there is no such model", {
      where: "x",
      found: "a\n  table\n  of reasons",
      help: "Try y",
    });
    expect(describeError(error, false)).toEqual({
      text: "prumerge: x: there is no such model; found a; table; of reasons\nTry y\n",
      exitCode: exitCodes.failure,
    });
  });

  it.each([
    ["INVALID_OPTION", exitCodes.usage],
    ["UNKNOWN_METHOD", exitCodes.usage],
    ["NO_LABELS", exitCodes.usage],
    ["ABORTED", exitCodes.interrupted],
    ["CONTEXT_EXCEEDED", exitCodes.failure],
    ["DISK_FULL", exitCodes.failure],
  ] as const)("%s ends with %i", (code, exitCode) => {
    expect(describeError(new PrumergeError(code, "no"), false)).toEqual({ text: "prumerge: no\n", exitCode });
  });

  it("ends with a mistake where a command says that its input is wrong", async () => {
    const error = new PrumergeError("INVALID_FILE", "torn", { help: "Mend it" });
    const wrong = await refusingInput(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
    expect(describeError(wrong, false)).toEqual({
      text: "prumerge: torn\nMend it\n",
      exitCode: exitCodes.usage,
    });
    const full = new PrumergeError("DISK_FULL", "no room");
    await expect(refusingInput(() => Promise.reject(full))).rejects.toBe(full);
  });

  it("names what it did not expect, and how to see more", () => {
    const { text, exitCode } = describeError(new TypeError("x is not a function"), false);
    expect(text).toBe(
      "prumerge: unexpected error: x is not a function\nSet PRUMERGE_DEBUG=1 to see where it comes from.\n",
    );
    expect(exitCode).toBe(exitCodes.failure);
    expect(describeError("thrown text", false).text).toContain("unexpected error: thrown text");
  });

  it("shows the stack and the causes when asked", () => {
    const cause = new Error("deep down");
    const { text } = describeError(new PrumergeError("RUNTIME", "failed", { cause }), true);
    expect(text).toMatch(/^prumerge: failed\n/);
    expect(text).toContain("report-error.test.ts");
    expect(text).toContain("deep down");
  });
});
