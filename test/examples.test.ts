import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-examples-"));
const examples = readdirSync(join(root, "examples"))
  .filter((name) => name.endsWith(".ts"))
  .sort();

/** What each example has to print, in this order, and what has to be true of what it leaves behind. */
const expected: Readonly<Record<string, readonly RegExp[]>> = {
  "01-ask-a-picture.ts": [/^576 visual tokens became 64\.$/, /^Where is the bear\? bottom$/],
  "02-stream-and-reuse.ts": [
    /^What color is the triangle\? yellow$/,
    /first word after \d+ ms, 0 of \d+ prompt tokens reused$/,
    /^Where is the bear\? bottom$/,
    /first word after \d+ ms, 1\d\d of \d+ prompt tokens reused$/,
  ],
  "03-compare-methods.ts": [
    /^none +576 tokens +\d+ ms +4608 KiB {2}red$/,
    /^prumerge +36 tokens +\d+ ms +288 KiB {2}\w+$/,
    /^prumerge\+ +36 tokens/,
    /^uniform +36 tokens/,
    /^random +36 tokens/,
    /^sequential +36 tokens/,
  ],
  "04-draw-kept-patches.ts": [
    /^576 patches became [1-9]\d* visual tokens\.$/,
    /^The first stands on row \d+, column \d+; 32 others merged into it\.$/,
    /^Drawn in .*kept\.svg$/,
  ],
  "05-your-own-method.ts": [/^loudest: 48 visual tokens\. \w+/],
  "06-visual-tokens-to-npy.ts": [/^\[40, 256\] float32, 41088 bytes in .*tokens\.npy$/],
  "07-chat-and-abort.ts": [
    /^What color is the triangle\? yellow \(0 of \d+ prompt tokens reused\)$/,
    /^Is there a bear in the image\? yes \([1-9]\d+ of \d+ prompt tokens reused\)$/,
    /^Describe the image\. .*\(aborted\)$/,
  ],
  "08-convert-a-checkpoint.ts": [/^Decoder q8, vision tower fp32\.$/, /^Which animal is shown\? dog$/],
  "09-endpoints-in-your-own-server.ts": [/^200 bottom$/],
  "10-frames-of-a-clip.ts": [
    /^3 of 4 frames: 0, 1, 3\.$/,
    /^Of 240 frames Video-LLaVA takes 0, 34, 68, 102, 136, 170, 204, 239,$/,
    /^and transformers' examples 0, 30, 60, 90, 120, 150, 180, 210\.$/,
    /^At 0 s, is there a fish\? yes$/,
    /^At 0\.6 s, is there a fish\? no$/,
    /^At 1\.8 s, is there a fish\? no$/,
  ],
  "11-rows-for-transformers-js.ts": [
    // Each answer twice: that library's, and ours.
    /^32 rows\. Where is the bear\? (bottom) \| \1$/,
    /^32 rows\. Describe the image\. (.{20,}) \| \1$/,
    /^32 \+ 32 rows\. What is in these pictures\? (.{20,}) \| \1$/,
  ],
};

/** The one file of that name that the examples left. */
function left(name: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = names.filter((path) => path.endsWith(name));
  expect(found).toHaveLength(1);
  return found[0]!;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the examples are numbered without a gap, introduced, listed, and all known here", () => {
  const numbers = examples.map((name) => Number(/^(\d\d)-[a-z0-9-]+\.ts$/.exec(name)?.[1]));
  expect(numbers).toEqual(examples.map((_, index) => index + 1));
  expect(Object.keys(expected)).toEqual(examples);
  const list = readFileSync(join(root, "examples", "README.md"), "utf8");
  for (const name of examples) {
    expect(readFileSync(join(root, "examples", name), "utf8"), name).toMatch(/^\/\*\* [A-Z].*[.:,].*\*\/\n/);
    expect(list).toContain(`(${name})`);
  }
});

it.each(examples)("%s runs and prints what it promises", (name) => {
  const { HF_TOKEN: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(root, "examples", name)],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...inherited, TMPDIR: folder, TEMP: folder, HF_HUB_OFFLINE: "1", NO_COLOR: "1" },
    },
  );
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBe(expected[name]?.length);
  for (const [index, line] of lines.entries()) expect(line).toMatch(expected[name]![index]!);
});

it("the drawing of the fourth example is an SVG with the picture in it", () => {
  const svg = readFileSync(join(folder, left("kept.svg")), "utf8");
  expect(svg).toMatch(/^<svg .*<image .*href="data:image\/(png|jpeg);base64,.*<\/svg>\s*$/s);
});

it("the .npy file of the sixth example has NumPy's header and all rows", () => {
  const bytes = readFileSync(join(folder, left("tokens.npy")));
  expect(bytes.subarray(1, 6).toString("latin1")).toBe("NUMPY");
  expect(bytes.subarray(10, 128).toString("latin1")).toContain("'shape': (40, 256)");
  expect(bytes.length).toBe(128 + 40 * 256 * 4);
});
