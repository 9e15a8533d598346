import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatDuration, formatMilliseconds } from "./format.js";
import { formatTable } from "./table.js";

describe("numbers for people", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1.00 kB"],
    [999_499, "999 kB"],
    [999_600, "1.00 MB"],
    [999_700_000, "1.00 GB"],
    [999_499_999_999, "999 GB"],
    [999_500_000_000, "1.00 TB"],
    [18_874_368, "18.9 MB"],
    [14_100_000_000, "14.1 GB"],
    [2e15, "2.00e+3 TB"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.123, "0.12 ms"],
    [9.949, "9.95 ms"],
    [9.96, "10 ms"],
    [999, "999 ms"],
    [999.6, "1.00 s"],
    [61_000, "61.00 s"],
  ])("%d ms are %s", (milliseconds, text) => expect(formatMilliseconds(milliseconds)).toBe(text));

  it.each([
    [0.2, "1 s"],
    [59, "59 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
  ])("%d seconds to wait are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it("sets thousands apart", () => expect(formatCount(18_874_368)).toBe("18,874,368"));
});

describe("formatTable", () => {
  it("aligns columns, left and right", () => {
    const rows = [
      ["method", "tokens"],
      ["prumerge+", "9"],
    ];
    expect(formatTable(rows, { width: 80, right: [1] })).toBe("method     tokens\nprumerge+       9\n");
  });

  it("wraps the widest column at words, and words that are too long", () => {
    const text = formatTable(
      [
        ["answer", "a red triangle on a table"],
        ["path", "x".repeat(25)],
      ],
      { width: 22 },
    );
    expect(text).toBe(
      [
        "answer  a red triangle",
        "        on a table",
        `path    ${"x".repeat(14)}`,
        `        ${"x".repeat(11)}`,
        "",
      ].join("\n"),
    );
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBe(22);
  });

  it("keeps the line breaks of a cell, and cells that are missing", () => {
    expect(formatTable([["a", "one\ntwo"], ["b"]], { width: 40 })).toBe("a  one\n   two\nb\n");
  });
});
