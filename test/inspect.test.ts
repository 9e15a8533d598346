import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "prumerge/convert";
import { decodePicture } from "prumerge/image";
import type { InspectionJson } from "prumerge/view";
import { afterAll, describe, expect, it } from "vitest";
import { goldenPath } from "./support/checkpoint-folder.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-inspect-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sample = join(root, "models/pocket-llava/samples/sample_5.png");
const output = (name: string) => join(folder, name);

function inspect(...words: string[]) {
  const { HF_TOKEN: _, ...inherited } = process.env;
  return spawnSync(process.execPath, [join(root, "dist/cli/main.js"), "inspect", ...words], {
    encoding: "utf8",
    env: { ...inherited, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

describe("prumerge inspect", () => {
  it("writes a PNG that shows the picture's kept patches", async () => {
    expect(inspect(sample, "-o", output("kept.png"))).toMatchObject({ status: 0, stdout: "" });
    const { width, height } = await decodePicture(output("kept.png"));
    expect([width, height > width]).toEqual([1232, true]);
  });

  it("writes the same tokens as SVG, HTML and JSON", () => {
    for (const format of ["svg", "html", "json"]) {
      expect(inspect(sample, "-o", output(`kept.${format}`), "--visual-tokens", "64")).toMatchObject({
        status: 0,
      });
    }
    const data: InspectionJson = JSON.parse(readFileSync(output("kept.json"), "utf8"));
    expect(data.tokens).toHaveLength(64);
    expect(data.statistics).toMatchObject({ visualTokens: 64, unreducedTokens: 576 });
    expect(data.classAttention).toHaveLength(576);
    expect(data.outliers!.outliers).toBe(
      data.classAttention!.filter((value) => value > data.outliers!.fence).length,
    );
    expect(data.tokens.at(-1)!.kind).toBe("global");
    expect(readFileSync(output("kept.svg"), "utf8")).toContain("prumerge+: 64 of 576 visual tokens (11 %)");
    const page = readFileSync(output("kept.html"), "utf8");
    expect(page.match(/data-token="/g)).toHaveLength(64);
  });

  it("draws every view of a picture in tiles in its place", async () => {
    const model = output("next");
    await convert(goldenPath("llava_next/tiny-next-llama"), model, { dtype: "fp32", workers: 0 });
    const picture = goldenPath("llava_next/tiny-next-llama-b.png");
    const { width, height } = await decodePicture(picture);
    for (const format of ["png", "svg", "html", "json"])
      expect(
        inspect(picture, "-o", output(`views.${format}`), "--model", model, "--visual-tokens", "25%"),
      ).toMatchObject({ status: 0 });
    const data: InspectionJson = JSON.parse(readFileSync(output("views.json"), "utf8"));
    expect(data.views!.length).toBeGreaterThan(2);
    expect(data.views![0]!.rectangle).toEqual({ x: 0, y: 0, width, height });
    const onPatches = data.tokens.filter(({ patch }) => patch !== undefined);
    expect(data.views!.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(onPatches.length);
    for (const { rectangle } of onPatches) {
      // A patch at the picture's edge may be partly padding, none is so with its middle.
      const [x, y] = [rectangle!.x + rectangle!.width / 2, rectangle!.y + rectangle!.height / 2];
      expect(x > 0 && x < width && y > 0 && y < height).toBe(true);
    }
    expect(readFileSync(output("views.svg"), "utf8")).toContain(">the whole picture</text>");
    expect((await decodePicture(output("views.png"))).width).toBe(2464);
    const drawn = inspect(picture, "--model", model, "--visual-tokens", "25%").stdout;
    expect(drawn).toMatch(/^the whole picture:$/m);
    expect(drawn).toMatch(/^\d tiles:$/m);
  });

  it("draws in the terminal where no file is asked for", () => {
    const { status, stdout, stderr } = inspect(sample, "--method", "prumerge", "--quiet");
    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^prumerge: \d+ of 576 visual tokens/);
    expect(lines.slice(1, 13).every((line) => /^[\u2580\u2584\u2588\u00b7]{24}$/.test(line))).toBe(true);
  });

  it.each([
    ["bad/truncated.jpg", /truncated\.jpg: a JPEG file is damaged/],
    ["bad/text.png", /text\.png: not a picture that is read; expected JPEG.*found text/],
    [
      "bad/bomb.png",
      /bomb\.png: a picture has too many pixels; expected at most 100000000, found 100000 x 100000/,
    ],
    ["bad/absent.png", /absent\.png: no such picture/],
  ])("refuses %s in one line, says what to do in another at most, and leaves no file", (name, message) => {
    const before = readdirSync(folder).length;
    const { status, stdout, stderr } = inspect(
      join(root, "test/fixtures/image", name),
      "-o",
      output("never.png"),
    );
    expect([status, stdout]).toEqual([1, ""]);
    const [first, ...help] = stderr.trimEnd().split("\n");
    expect(first).toMatch(message);
    expect(help.length).toBeLessThanOrEqual(1);
    expect(readdirSync(folder)).toHaveLength(before);
  });
});
