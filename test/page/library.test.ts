import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type LoadedModel, loadModel, noReduction, pruMerge } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltPage, buildPage } from "./build-page.js";
import { launchChromium, openWatched } from "./chromium.js";
import { type StaticServer, serveFolder } from "./static-server.js";

type Library = typeof import("prumerge/browser");
type Loaded = Awaited<ReturnType<Library["loadModel"]>>;
interface Scope {
  readonly prumerge: Library;
  model: Loaded;
}

const pictures = fileURLToPath(new URL("../fixtures/image/", import.meta.url));
const samples = fileURLToPath(new URL("../../models/pocket-llava/samples/", import.meta.url));
const base64 = (path: string) => readFileSync(path).toString("base64");

/** Decoders round differently for these; every other kind is equal to the bit. */
const lossy = /\.(jpg|avif)$/;
/** Canvases keep colours multiplied by alpha, which rounds where pixels are half transparent. */
const transparent = /alpha|rgba/;
/** What Chromium does not decode, or decodes to more than the upper 8 bits' worth. */
const left = /\.tif$|^cmyk|16\.png$/;

describe("prumerge/browser", () => {
  let built: BuiltPage;
  let server: StaticServer;
  let browser: Browser;
  let page: Page;
  let offences: readonly string[];
  let model: LoadedModel;

  beforeAll(async () => {
    built = await buildPage("test/page/harness");
    server = await serveFolder(built.folder, { isolated: true });
    browser = await launchChromium();
    ({ page, offences } = await openWatched(browser, server.url));
    model = await loadModel();
    await page.evaluate(async () => {
      const scope = globalThis as unknown as Scope;
      scope.model = await scope.prumerge.loadModel("pocket-llava", { device: "wasm" });
    });
  });
  afterAll(async () => {
    await model?.dispose();
    await browser?.close();
    await server?.close();
    built?.remove();
  });

  /** What the vision tower gets of a picture file, in the browser. */
  async function pixelsOf(path: string): Promise<Float32Array> {
    const values = await page.evaluate(async (data) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const { views } = await (globalThis as unknown as Scope).model.prepare(bytes);
      return [...views[0]!.data];
    }, base64(path));
    return Float32Array.from(values);
  }

  const files = readdirSync(pictures).filter(
    (name) => /\.(png|jpg|webp|gif|avif)$/.test(name) && !left.test(name),
  );

  it.each(files)("hands the vision tower what Node hands it: %s", async (name) => {
    const inNode = (await model.prepare(`${pictures}${name}`)).views[0]!;
    const inBrowser = await pixelsOf(`${pictures}${name}`);
    expect(inBrowser.length).toBe(inNode.data.length);
    if (!lossy.test(name) && !transparent.test(name)) {
      expect(inBrowser).toEqual(inNode.data);
      return;
    }
    // One level of 255 is 1 / (255 x 0.26) = 0.015.
    const levels = inBrowser.map((value, i) => Math.abs(value - inNode.data[i]!) / 0.0152);
    const mean = levels.reduce((sum, value) => sum + value, 0) / levels.length;
    expect(mean).toBeLessThan(0.7);
    expect(levels.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(lossy.test(name) ? 6 : 2.5);
  });

  it("sees what Node sees, and answers as it does, with either form of decoder", async () => {
    for (const file of ["sample_1.png", "sample_3.png"]) {
      const [question, path] = ["Describe the image.", `${samples}${file}`];
      const seen = await model.see(path, pruMerge({ tokens: 64 }));
      const expected = await model.answer(seen, question, { keepLogits: true }).result;
      for (const decoder of ["input-only", "returned"] as const) {
        const found = await page.evaluate(
          async ([data, text, form]) => {
            const { prumerge } = globalThis as unknown as Scope;
            const other = await prumerge.loadModel("pocket-llava", { device: "wasm", decoder: form });
            const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            const tokens = await other.see(bytes, prumerge.pruMerge({ tokens: 64 }));
            const { logits, ...result } = await other.answer(tokens, text, { keepLogits: true }).result;
            const choices = await other.rowChoices();
            await other.dispose();
            return {
              choices,
              kept: [...tokens.plan.keptPatches],
              embeddings: [...tokens.embeddings.data],
              logits: [...logits![0]!],
              text: result.text,
            };
          },
          [base64(path), question, decoder] as const,
        );
        // The form for other programs has an input for positions, and none for a bias.
        expect(found.choices).toEqual({
          positions: ["contiguous", "original", "tight", "far"],
          bias: decoder === "input-only",
        });
        expect(found.kept).toEqual([...seen.plan.keptPatches]);
        expect(furthest(found.embeddings, seen.embeddings.data)).toBeLessThan(1e-3);
        expect(furthest(found.logits, expected.logits![0]!)).toBeLessThan(0.25); // 8-bit activations round apart
        expect(found.text).toMatch(/\w/);
      }
    }
  });

  it("plans other methods in the page, from the signals that Node reads", async () => {
    const path = `${samples}sample_5.png`;
    const { signals } = await model.see(path, noReduction(), { signals: true });
    const found = await page.evaluate(async (data) => {
      const scope = globalThis as unknown as Scope;
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const seen = await scope.model.see(bytes, scope.prumerge.noReduction(), { signals: true });
      return { attention: [...seen.signals![0]!.classAttention!], keys: [...seen.signals![0]!.keys.data] };
    }, base64(path));
    expect(furthest(found.attention, signals![0]!.classAttention!)).toBeLessThan(1e-5);
    expect(furthest(found.keys, signals![0]!.keys.data)).toBeLessThan(1e-2);
  });

  it("refuses with the library's own errors", async () => {
    const refusals = await page.evaluate(async () => {
      const { prumerge, model: loaded } = globalThis as unknown as Scope;
      const code = (run: () => Promise<unknown>) =>
        run().then(
          () => "nothing",
          (error) => (prumerge.PrumergeError.isInstance(error) ? error.code : String(error)),
        );
      const text = new TextEncoder();
      return {
        noModel: await code(() => prumerge.loadModel("nowhere")),
        device: await code(() => prumerge.loadModel("pocket-llava", { device: "cpu" as "wasm" })),
        eightBits: await code(() => prumerge.loadModel("pocket-llava", { cache: "q8" })),
        text: await code(() => loaded.see(text.encode("words"))),
        svg: await code(() => loaded.see(new Blob(["<svg xmlns='http://www.w3.org/2000/svg'/>"]))),
        truncated: await code(() => loaded.see(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0))),
        empty: await code(() => loaded.see(new Blob([]))),
        aborted: await code(() =>
          prumerge.loadModel("pocket-llava", { signal: AbortSignal.abort(), cache: false }),
        ),
      };
    });
    expect(refusals).toEqual({
      noModel: "NOT_FOUND",
      device: "INVALID_OPTION",
      eightBits: "INVALID_OPTION",
      text: "INVALID_IMAGE",
      svg: "INVALID_IMAGE",
      truncated: "INVALID_IMAGE",
      empty: "INVALID_IMAGE",
      aborted: "ABORTED",
    });
  });

  it("takes canvases and pixels too, and ends an answer on a signal", async () => {
    const found = await page.evaluate(async () => {
      const { model: loaded } = globalThis as unknown as Scope;
      const canvas = new OffscreenCanvas(64, 48);
      const context = canvas.getContext("2d")!;
      context.fillStyle = "rgb(200, 30, 60)";
      context.fillRect(0, 0, 64, 48);
      const drawn = await loaded.prepare(canvas);
      const raw = await loaded.prepare(context.getImageData(0, 0, 64, 48));
      const seen = await loaded.see(drawn);
      const stop = new AbortController();
      const answer = loaded.answer(seen, "Describe the image.", { signal: stop.signal });
      for await (const _ of answer) stop.abort();
      return {
        equal: drawn.views[0]!.data.every((value, i) => value === raw.views[0]!.data[i]),
        reason: (await answer.result).finishReason,
      };
    });
    expect(found).toEqual({ equal: true, reason: "aborted" });
  });

  it("shows a SmolVLM a picture's tiles between their markers, and answers as transformers did", async () => {
    const recorded = fileURLToPath(new URL("../fixtures/goldens/smolvlm/", import.meta.url));
    const { cases } = JSON.parse(readFileSync(`${recorded}manifest.json`, "utf8"));
    const { inputs, expected } = cases.find(({ name }: { name: string }) => name === "tiny-idefics3-a");
    await convert(`${recorded}${inputs.model}`, `${built.folder}/${inputs.model}`, { dtype: "fp32" });
    const found = await page.evaluate(
      async ([folder, data, prompt, count]) => {
        const { prumerge } = globalThis as unknown as Scope;
        const other = await prumerge.loadModel(folder, { device: "wasm" });
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const ask = async (reducer: ReturnType<Library["noReduction"]>) => {
          const seen = await other.see(bytes, reducer);
          const { tokenIds, promptTokens } = await other.answer(seen, { prompt }, { maxNewTokens: count })
            .result;
          return { tokenIds, promptTokens };
        };
        const answers = [await ask(prumerge.noReduction()), await ask(prumerge.pruMergePlus({ tokens: 20 }))];
        await other.dispose();
        return answers;
      },
      [
        inputs.model as string,
        base64(`${recorded}${inputs.images[0]}`),
        inputs.prompt as string,
        expected.greedy_ids.length as number,
      ] as const,
    );
    const { greedy_ids: tokenIds, sequence_length: promptTokens } = expected;
    expect(found[0]).toEqual({ tokenIds, promptTokens });
    expect(found[1]!.promptTokens).toBe(promptTokens - 60);
  });

  it("asks no other host", () => {
    expect(offences.filter((offence) => offence.startsWith("foreign"))).toEqual([]);
  });
});

describe("the example in 20 lines", () => {
  it("answers about a chosen picture", async () => {
    const built = await buildPage("examples/browser");
    const server = await serveFolder(built.folder, { isolated: false });
    const browser = await launchChromium();
    const { page, offences } = await openWatched(browser, server.url);
    const answer = page.locator("#answer");
    await expect.poll(() => answer.textContent(), { timeout: 200_000 }).toBe("Choose a picture.");
    await page.getByLabel("Picture").setInputFiles(`${samples}sample_3.png`);
    await page.getByRole("button", { name: "Ask" }).click();
    await expect.poll(() => answer.textContent(), { timeout: 100_000 }).toMatch(/\w+ \w+/);
    const known = /favicon|404|No available adapters/; // the last is Chromium's word where there is no GPU
    expect(offences.filter((offence) => !known.test(offence))).toEqual([]);
    await browser.close();
    await server.close();
    built.remove();
  });
});

function furthest(found: readonly number[], expected: Float32Array): number {
  expect(found.length).toBe(expected.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}
