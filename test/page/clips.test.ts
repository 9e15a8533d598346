import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { loadModel, openVideo, pruMergePlus } from "prumerge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasFfmpeg } from "../support/ffmpeg.js";
import { tinyModels } from "../support/tiny-models.js";
import { launchChromium, openWatched } from "./chromium.js";
import { startServer } from "./prumerge-server.js";
import { serveFolder } from "./static-server.js";
import { ask, costsOf, tokenCount } from "./steps.js";

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const clip = fixture("goldens/video_frames/clips/vp9.webm");
const models = tinyModels();
const shots = process.env.PRUMERGE_SHOTS;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  models.remove();
});

const choose = (page: Page, path: string) => page.getByLabel("Choose a picture").setInputFiles(path);

/** The page of a server with a tiny model, or without one, the model's folder beside it. */
const forms = {
  async server(model: string) {
    const server = await startServer(["--model", model]);
    return { url: server.url, end: () => server.close() };
  },
  async static(model: string) {
    const folder = mkdtempSync(join(tmpdir(), "prumerge-clips-"));
    cpSync(fileURLToPath(new URL("../../app/dist", import.meta.url)), folder, { recursive: true });
    cpSync(model, join(folder, "watching"), { recursive: true });
    const server = await serveFolder(folder, { isolated: true });
    const end = async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    };
    return { url: `${server.url}?model=watching&device=wasm`, end };
  },
};

describe.runIf(hasFfmpeg())("a clip on the page", () => {
  it.each(["server", "static"] as const)("is shown frame by frame, and asked about: %s", async (form) => {
    const folder = await models.convert("onevision");
    const { url, end } = await forms[form](folder);
    const { page, offences, close } = await openWatched(browser, url);
    try {
      await choose(page, clip);
      const thumbs = page.locator(".frame-thumb");
      await thumbs.first().waitFor({ timeout: 60_000 });
      await page.getByRole("combobox", { name: "Method" }).selectOption("prumerge+");
      await page.getByRole("radio", { name: "exactly" }).check();
      const slider = page.getByRole("slider", { name: "Visual tokens" });
      await slider.press("End");
      for (let step = 0; step < 20; step++) await slider.press("ArrowLeft");
      const tokens = Number(/\d+/.exec((await slider.getAttribute("aria-valuetext"))!)![0]);
      expect(tokens).toBeGreaterThan(100);
      await expect.poll(() => tokenCount(page), { timeout: 60_000 }).toBe(tokens);
      const model = await loadModel(folder, { worker: false });
      const seen = await model.see(openVideo(clip), pruMergePlus({ tokens }));
      await model.dispose();
      expect(await thumbs.count()).toBe(seen.video!.indices.length);
      const counts = await thumbs.locator(".frame-count .number").allTextContents();
      expect(counts.map(Number)).toEqual(seen.statistics.views!.map((view) => view.visualTokens));
      expect(await page.locator(".token").count()).toBe(Number(counts[0]));
      await thumbs.nth(1).click();
      expect(await thumbs.nth(1).getAttribute("aria-pressed")).toBe("true");
      await expect.poll(() => page.locator(".token").count()).toBe(Number(counts[1]));
      expect(await page.locator(".stage").getAttribute("aria-label")).toContain("vp9.webm");
      await thumbs.nth(1).press("ArrowRight");
      expect(await thumbs.nth(2).textContent()).toMatch(/^Frame \d+ at \d\.\d s: \d+ visual tokens/);
      expect(await thumbs.nth(2).getAttribute("aria-pressed")).toBe("true");
      await ask(page, "What happens?");
      expect(await page.locator(".turn .answer").count()).toBe(2);
      const { unreducedTokens } = seen.statistics;
      const all = await costsOf(page, `All ${unreducedTokens} tokens`);
      const some = await costsOf(page, `, ${tokens} tokens`);
      expect(Number(all["Prompt tokens"]) - Number(some["Prompt tokens"])).toBe(unreducedTokens - tokens);
      if (shots !== undefined)
        await page.screenshot({ path: join(shots, `clip-${form}.png`), fullPage: true });
      expect(offences.filter((offence) => !/No available adapters/.test(offence))).toEqual([]);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
      );
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.setViewportSize({ width: 375, height: 667 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
    } finally {
      await close();
      await end();
    }
  });

  it("is refused by name where the model is shown no videos, also when it is dropped", async () => {
    const server = await startServer();
    const { page, close } = await openWatched(browser, server.url);
    await page.locator(".token").first().waitFor({ timeout: 60_000 });
    await page.evaluate((data) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], "dropped.webm", { type: "video/webm" }));
      document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    }, readFileSync(clip).toString("base64"));
    const alert = page.locator(".picture [role=alert]");
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/pocket-llava is shown no videos.*LLaVA-OneVision/);
    await close();
    await server.close();
  });
});
