import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StopStrings } from "./stop-strings.js";

function run(strings: string[], pieces: string[]): { text: string; stopped: boolean } {
  const stop = new StopStrings(strings);
  let text = "";
  for (const piece of pieces) {
    const out = stop.push(piece);
    text += out.text;
    if (out.stopped) return { text, stopped: true };
  }
  return { text: text + stop.flush(), stopped: false };
}

describe("StopStrings", () => {
  it("stops across pieces and leaves the stop string out", () => {
    expect(run(["\nUSER:"], ["A cat.", "\n", "US", "ER", ": more"])).toEqual({
      text: "A cat.",
      stopped: true,
    });
  });

  it("holds text back only while it may still become a stop string", () => {
    const stop = new StopStrings(["###"]);
    expect(stop.push("a#")).toEqual({ text: "a", stopped: false });
    expect(stop.push("#")).toEqual({ text: "", stopped: false });
    expect(stop.push("b")).toEqual({ text: "##b", stopped: false });
    expect(stop.push("#")).toEqual({ text: "", stopped: false });
    expect(stop.flush()).toBe("#");
  });

  it("takes the earliest of several", () => {
    expect(run(["cat", "black"], ["a black", " cat"])).toEqual({ text: "a ", stopped: true });
  });

  it("passes everything without stop strings", () => {
    expect(run([], ["a", "b"])).toEqual({ text: "ab", stopped: false });
  });

  it("stops where its string is all of the text, and nothing is handed out twice", () => {
    const stop = new StopStrings(["END"]);
    expect(stop.push("E")).toEqual({ text: "", stopped: false });
    expect(stop.flush()).toBe("E");
    expect(stop.flush()).toBe("");
    expect(stop.push("x E")).toEqual({ text: "x ", stopped: false });
    expect(stop.push("ND")).toEqual({ text: "", stopped: true });
    expect(stop.flush()).toBe("");
  });

  it("refuses an empty stop string", () => {
    expect(() => new StopStrings(["a", ""])).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(/^stop: /) }),
    );
  });

  it("gives the text before the first stop string however the text is cut", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), stops, (pieces, strings) => {
        const all = pieces.join("");
        const result = run(strings, pieces);
        const first = Math.min(...strings.map((s) => all.indexOf(s)).filter((at) => at >= 0));
        if (!result.stopped) {
          expect(first).toBe(Number.POSITIVE_INFINITY);
          expect(result.text).toBe(all);
          return;
        }
        // The string that completes first ends the answer; nothing of it, or of an earlier start, was handed out.
        expect(all.startsWith(result.text)).toBe(true);
        expect(strings.some((s) => all.startsWith(s, result.text.length))).toBe(true);
        for (const s of strings) expect(result.text).not.toContain(s);
      }),
    );
  });
});

it.each([".", [1], null])("refuses %o, which is no list of strings", (strings) => {
  expect(() => new StopStrings(strings as never)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("stop") }),
  );
});
