import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  classAttention,
  inspectionInput as input,
  isKept,
  plan,
  white,
} from "../../test/support/inspected.js";
import { densePlan } from "../reduce/apply-plan.js";
import { histogram } from "./histogram.js";
import { renderHtml } from "./html.js";
import { createInspection } from "./inspection.js";
import { inspectionJson } from "./json.js";
import { renderText } from "./text.js";

const inspection = createInspection(input);

describe("renderHtml", async () => {
  const page = await renderHtml(inspection);

  it("asks nothing of the network and allows only its own style and script", () => {
    expect(page.match(/(?:src|href)="(?!data:|#)/g)).toBeNull();
    expect(page.match(/url\(|@import|https?:/g)).toBeNull();
    expect(page).not.toMatch(/\sstyle="|\son\w+="/);
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)![1];
    expect(policy).toContain("default-src 'none'");
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    expect(policy).toContain(`style-src ${hash(/<style>([\s\S]*?)<\/style>/.exec(page)![1])};`);
    expect(policy).toContain(`script-src ${hash(/<script>([\s\S]*?)<\/script>/.exec(page)![1])};`);
  });

  it("makes foreign text safe", () => {
    expect(page).not.toContain("<b>");
    expect(page.match(/<\/script>/g)).toHaveLength(2);
    expect(page).toContain("&lt;b&gt;&quot;cat&quot; &amp; dog&lt;/b&gt;&lt;/script&gt;");
  });

  it("lists every visual token in order, and hands the script the plan", () => {
    const named = [
      ...page.matchAll(
        /data-token="(\d+)" aria-label="Visual token (\d+), (?:patch (\d+)\/(\d+)|global token)"/g,
      ),
    ];
    const patches = named.map(([, , , row, column]) =>
      row ? (Number(row) - 1) * 24 + Number(column) - 1 : -1,
    );
    expect(patches).toEqual([...plan.keptPatches]);
    const data = JSON.parse(/id="data">([\s\S]*?)<\/script>/.exec(page)![1]);
    expect(data.tokens.map(({ patch }: { patch: number }) => patch)).toEqual(patches);
    expect(data.tokens[0].sources).toHaveLength(2 * 33);
    expect(data.attention).toHaveLength(576);
  });

  it("has a script of its own that parses and reaches for nothing outside itself", () => {
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)![1];
    expect(() => new Function(script)).not.toThrow();
    expect(script).not.toMatch(/__vite|__name|import\(|require\(|fetch\(|XMLHttp/);
  });
});

describe("inspectionJson", () => {
  it("holds the plan's weights exactly", () => {
    const { tokens, classAttention: attention, histogram: bars } = inspectionJson(inspection);
    const dense = densePlan(plan);
    const rebuilt = new Float32Array(dense.data.length);
    tokens.forEach(({ sources, weights }, row) => {
      for (const [i, patch] of sources.entries()) rebuilt[row * dense.columns + patch] = weights[i];
    });
    expect(rebuilt).toEqual(dense.data);
    expect(Float32Array.from(attention!)).toEqual(classAttention);
    expect(bars!.reduce((sum, { count }) => sum + count, 0)).toBe(576);
    expect(tokens[0]).toMatchObject({ kind: "outlier", patch: 122, row: 5, column: 2 });
    expect(tokens[0].rectangle).toEqual({ x: 28, y: 70, width: 14, height: 14 });
    expect(tokens[64]).not.toHaveProperty("patch");
  });
});

describe("histogram", () => {
  it("counts on a logarithmic scale, zeros first, equal values together", () => {
    expect(histogram(Float32Array.of(0, 1, 10, 99, 100, 10_000), 2).map(({ count }) => count)).toEqual([
      4, 2,
    ]);
    expect(histogram(new Float32Array(5).fill(0.25), 9)).toEqual([{ from: 0.25, to: 0.25, count: 5 }]);
    expect(histogram(new Float32Array(3), 9)[0].count).toBe(3);
  });
});

describe("renderText", () => {
  it("draws kept patches as half blocks", () => {
    const lines = renderText(inspection).split("\n");
    expect(lines[0]).toBe("prumerge+: 65 of 576 visual tokens (11 %)");
    const drawn = lines
      .slice(1, 13)
      .flatMap((line) => [
        [...line].map((block) => "\u2588\u2580".includes(block)),
        [...line].map((block) => "\u2588\u2584".includes(block)),
      ]);
    expect(drawn.flat()).toEqual(Array.from({ length: 576 }, (_, patch) => isKept.has(patch)));
    expect(lines[13]).toBe("16 above the attention fence, 48 below it, 1 global token: the rest, summed");
    expect(lines[14]).toContain("fence 0.00185");
  });

  it("colours kept patches as they are and others dark, grey where padded", () => {
    const view = { x: 0, y: -140, width: 560, height: 560 };
    const padded = createInspection({ ...input, picture: white(560, 280), view });
    const lines = renderText(padded, { colour: true, detail: 1 }).split("\n").slice(1, 13);
    const escapes = lines.map((line) => [...line.matchAll(/38;2;(\d+);\d+;\d+m.\[48;2;(\d+);/g)]);
    const values = escapes.flatMap((line) => [
      line.map((found) => Number(found[1])),
      line.map((found) => Number(found[2])),
    ]);
    values.flat().forEach((value, patch) => {
      const row = Math.floor(patch / 24);
      const inside = row >= 6 && row < 18;
      if (inside) expect(value > 150).toBe(isKept.has(patch));
      else expect([24, 110]).toContain(value);
    });
    expect(lines.every((line) => line.endsWith("\x1b[0m"))).toBe(true);
  });
});
