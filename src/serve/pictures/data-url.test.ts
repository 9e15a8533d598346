import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDataUrl, isDataUrl } from "./data-url.js";

/** What the platform's own data: URL processor makes of it. */
async function platform(url: string): Promise<string | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  return answer && Buffer.from(await answer.arrayBuffer()).toString("hex");
}

function ours(url: string, maxBytes = 1000): string | undefined {
  try {
    return decodeDataUrl(url, maxBytes, "url").toString("hex");
  } catch {
    return undefined;
  }
}

const picture = Buffer.from("89504e470d0a1a0a00ff10fbef", "hex");
const base64 = picture.toString("base64");
const lines = base64.replace(/(.{4})/g, "$1\n");

/** Every way to write the same thirteen bytes. */
const written = [
  `data:image/png;base64,${base64}`,
  `data:image/png;base64,${base64.replace(/=+$/, "")}`,
  `data:image/png;base64,${lines}`,
  `data:image/png;base64,${lines.replaceAll("\n", "\r\n")}`,
  `data:image/png;base64,${lines.replaceAll("\n", " \t\f")}`,
  `data:image/png;base64,${lines.replaceAll("\n", "%0A")}`,
  `data:image/png;base64,${lines.replaceAll("\n", "%20")}`,
  `data:image/png;base64,${encodeURIComponent(base64)}`,
  `data:image/png;base64,${base64.replaceAll("+", "%2b")}`,
  `data:image/png;base64,${base64}#fragment`,
  `data:;base64,${base64}`,
  `data:;BASE64,${base64}`,
  `data:image/png;Base64,${base64}`,
  `data:image/png; base64,${base64}`,
  `data:image/png;   base64 ,${base64}`,
  `data:image/png;charset=utf-8;base64,${base64}`,
  `data:image/png;name="a b";base64,${base64}`,
  `data: image/png ;base64,${base64}`,
  `DATA:image/png;base64,${base64}`,
  `  data:image/png;base64,${base64}\n`,
  `da\nta:image/\tpng;base64,${base64}`,
  `data:*/*;base64,${base64}`,
  `data:image/svg+xml;base64;base64,${base64}`,
  `data:image/png,${[...picture].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
];

const refused = [
  `data:image/png;base64,${base64}*`,
  `data:image/png;base64,${base64.replaceAll("+", "-").replaceAll("/", "_")}`,
  "data:;base64,A",
  "data:;base64,AB=",
  "data:;base64,ABC==",
  "data:;base64,AB==CD",
  "data:;base64,=",
  "data:;base64,ABCD====",
  "data:;base64,AB\u0141D",
  "data:;base64,AB%C5%81D",
  "data:;base64,AB%3D",
  "data:;base64,AB%ZZ",
  "data:image/png;base64",
  "data:",
  "data:#,abc",
];

const same = [
  "data:;base64,QR==", // bits that are not used
  "data:;base64,QR",
  "data:;base64,Q Q = =",
  "data:;base64,ab\u000bcd",
  "data:;base64xyz,abc",
  "data:base64,abc",
  "data:;base64;,abc",
  "data:text/plain,a b%20c%0Ad",
  "data:text/plain,a\nb\tc",
  "data:,%zz%4",
  "data:,\u00fc\u{1f600}",
  "data:;%62ase64,WA",
];

describe("data: URLs", () => {
  it.each(written)("%j", async (url) => {
    expect(isDataUrl(url)).toBe(true);
    expect(ours(url)).toBe(picture.toString("hex"));
    expect(await platform(url)).toBe(picture.toString("hex"));
  });

  it.each(refused)("that are none: %j", async (url) => {
    expect(ours(url)).toBe(undefined);
    expect(await platform(url)).toBe(undefined);
  });

  it.each(same)("as the platform reads it: %j", async (url) => {
    expect(ours(url)).toBe(await platform(url));
  });

  it("are read as the platform reads them, whatever is drawn", async () => {
    const piece = fc.constantFrom(
      "A",
      "b",
      "0",
      "+",
      "/",
      "=",
      "%",
      "%41",
      "%3d",
      "%0a",
      " ",
      "\n",
      ",",
      ";",
      "#",
      "-",
      "\u00e9",
    );
    const head = fc.constantFrom(
      "data:",
      "data:;base64",
      "data:image/png;base64",
      "data:a; base64",
      "data:x/y",
    );
    await fc.assert(
      fc.asyncProperty(head, fc.array(piece, { maxLength: 12 }), async (start, pieces) => {
        const url = `${start},${pieces.join("")}`;
        const found = await platform(url);
        expect(ours(url)).toBe(found === "" ? undefined : found); // no bytes are no picture
      }),
      { numRuns: 2000 },
    );
  });

  it("may have as many bytes as the limit, however they are written", () => {
    const bytes = Buffer.alloc(999, 7);
    const text = bytes.toString("base64");
    const url = (body: string) => `data:image/png;base64,${body}`;
    for (const body of [
      text,
      text.replace(/(.{76})/g, "$1\r\n"),
      text.replace(/./g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    ]) {
      expect(ours(url(body), 999)).toBe(bytes.toString("hex"));
      expect(() => decodeDataUrl(url(body), 998, "url")).toThrow(/more than 998 bytes/);
      expect(() => decodeDataUrl(url(body), 500, "url")).toThrow(/more than 500 bytes/);
    }
    expect(() => decodeDataUrl("data:,abcd", 3, "url")).toThrow(/more than 3 bytes/);
    expect(() => decodeDataUrl("data:,\u00fc\u00fc", 3, "url")).toThrow(/more than 3 bytes/);
  });

  it("are nothing else", () => {
    for (const url of ["https://data:80/", "/data:", "adata:,", "", "dat", "file:data:,a"]) {
      expect(isDataUrl(url)).toBe(false);
    }
  });
});
