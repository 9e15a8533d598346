import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  classAttention,
  inspectionInput as input,
  isKept,
  signals,
  white,
} from "../../test/support/inspected.js";
import { uniformSampling } from "../reduce/methods/uniform.js";
import { overlaySvg } from "./figure.js";
import { createInspection } from "./inspection.js";
import { pictureUri } from "./picture-uri.js";
import { renderPng } from "./png.js";
import { renderInspection } from "./render.js";

const inspection = createInspection(input);

describe("drawings", () => {
  /** Mean brightness in the middle of each patch, 0 to 255. */
  async function brightness(svg: string): Promise<number[]> {
    const { data, info } = await sharp(Buffer.from(svg)).resize({ width: 576 }).greyscale().raw().toBuffer({
      resolveWithObject: true,
    });
    expect([info.width, info.height]).toEqual([576, 576]);
    return Array.from({ length: 576 }, (_, patch) => {
      const [x, y] = [(patch % 24) * 24 + 8, Math.floor(patch / 24) * 24 + 8];
      let sum = 0;
      for (let i = 0; i < 64; i++) sum += data[(y + Math.floor(i / 8)) * 576 + x + (i % 8)];
      return sum / 64;
    });
  }

  it("leave kept patches as they are and darken all others", async () => {
    const svg = overlaySvg(inspection, await pictureUri(inspection.picture), { caption: false });
    const values = await brightness(svg);
    values.forEach((value, patch) => {
      if (isKept.has(patch)) expect(value).toBe(255);
      else expect(value).toBeLessThan(90);
    });
  });

  it("show more attention brighter on the heat map", async () => {
    const values = await brightness(
      overlaySvg(inspection, undefined, { caption: false, layer: "attention" }),
    );
    const order = Array.from(classAttention.keys()).sort((a, b) => classAttention[a] - classAttention[b]);
    const share = order.map((patch) => values[patch]);
    const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    expect(mean(share.slice(-50))).toBeGreaterThan(mean(share.slice(250, 300)) + 20);
    expect(mean(share.slice(250, 300))).toBeGreaterThan(mean(share.slice(0, 50)) + 10);
  });

  it("are whole documents that name what they show, with text made safe", async () => {
    for (const layer of ["kept", "attention", "merged"] as const) {
      const svg = overlaySvg(inspection, undefined, { layer, theme: "dark" });
      expect(svg).toContain("prumerge+: 65 of 576 visual tokens (11 %)");
      expect(svg).toContain("&lt;b&gt;&quot;cat&quot; &amp; dog&lt;/b&gt;");
      expect(svg).not.toMatch(/NaN|undefined|Infinity|<b>/);
      expect((await sharp(Buffer.from(svg)).metadata()).width).toBe(616);
    }
    expect(overlaySvg(inspection, undefined)).not.toContain("<image");
  });

  it("become PNG files of the width asked for, with and without words", async () => {
    for (const words of [true, false]) {
      const { format, width } = await sharp(await renderPng(inspection, { width: 400, words })).metadata();
      expect([format, width]).toEqual(["png", 400]);
    }
    await expect(renderPng(inspection, { width: 63 })).rejects.toThrow(/64 to 8192/);
  });

  it.each([
    [10, 5000],
    [1, 60_000],
    [5000, 10],
  ])("become PNG files of pictures of %i x %i, seen whole", async (width, height) => {
    const view = { x: 0, y: 0, width, height };
    const stretched = createInspection({ ...input, picture: white(width, height), view });
    const drawn = await sharp(await renderPng(stretched), { limitInputPixels: false }).metadata();
    expect(Math.max(drawn.width, drawn.height)).toBe(height > width ? 32_767 : 1232);
  });

  it("stand for methods that merge nothing and know no attention", async () => {
    const uniform = uniformSampling({ tokens: 36 });
    const { classAttention: _, ...blind } = input;
    const bare = createInspection({
      ...blind,
      plan: uniform.plan(signals),
      method: "uniform",
      options: uniform.options,
    });
    for (const format of ["png", "svg", "html", "json"] as const) {
      expect((await renderInspection(bare, format)).length).toBeGreaterThan(1000);
    }
    await expect(renderInspection(bare, "pdf" as never)).rejects.toThrow(/png, svg, html, json/);
  });

  it("embed large pictures scaled down and small ones exactly", async () => {
    const decode = (uri: string) => sharp(Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"));
    const data = new Uint8Array(30 * 20 * 3).map((_, i) => (i * 37) % 256);
    const small = await pictureUri({ width: 30, height: 20, data });
    expect(new Uint8Array(await decode(small).raw().toBuffer())).toEqual(data);
    const large = await decode(await pictureUri(white(3000, 1500))).metadata();
    expect([large.format, large.width, large.height]).toEqual(["jpeg", 1344, 672]);
  });
});
