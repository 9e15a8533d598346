import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tinyModels } from "../support/tiny-models.js";
import { launchChromium } from "./chromium.js";

const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const models = tinyModels();
let browser: Browser;
let page: Page;
const offences: string[] = [];
beforeAll(async () => {
  const [picture, model] = [await models.picture(420, 230), await models.convert("next")];
  const file = join(models.folder, "kept.html");
  execFileSync(process.execPath, [
    ...[command, "inspect", picture, "-o", file, "--model", model],
    ...["--method", "prumerge+", "--visual-tokens", "40"],
  ]);
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("console", (message) => offences.push(message.text()));
  page.on("pageerror", (error) => offences.push(error.message));
  await page.goto(pathToFileURL(file).href);
});
afterAll(async () => {
  await browser?.close();
  models.remove();
});

const heading = () => page.locator("#detail h2").textContent();
const lines = () => page.locator("#detail p").allTextContents();

it("links what is pointed at, and lets it go", async () => {
  const token = page.locator("[data-token]").first();
  await token.hover();
  await expect.poll(heading).toBe("Visual token 1");
  const merged = Number(/^(\d+) other/.exec((await lines()).find((line) => /merged in/.test(line))!)![1]);
  expect(await page.locator("#stage .trace line").count()).toBe(merged);
  expect(await page.locator("#stage .trace .own").count()).toBe(1);
  await page.getByRole("heading", { level: 1 }).hover();
  await expect.poll(heading).toBe("What went where");
  expect(await page.locator(".trace").count()).toBe(0);
});

it("is walked over by keyboard, from the whole picture to its tiles, and keeps what Enter was pressed on", async () => {
  await page.locator("#stage").focus();
  await page.keyboard.press("n");
  await expect.poll(heading).toMatch(/^Visual token \d+$/);
  await page.keyboard.press("ArrowDown");
  expect((await lines())[0]).toContain("of the whole picture");
  for (let step = 0; step < 20; step++) await page.keyboard.press("ArrowDown");
  await expect.poll(async () => (await lines())[0]).toMatch(/^row \d+, column \d+ of tile \d$/);
  await page.keyboard.press("Enter");
  const kept = await lines();
  await page.locator("#stage").blur();
  await page.getByRole("heading", { level: 1 }).hover();
  expect(await lines()).toEqual(kept);
  await page.locator("#stage").focus();
  await page.keyboard.press("Escape");
  await expect.poll(heading).toBe("What went where");
});

it("shows other layers with their legends, and each view's count", async () => {
  expect(await page.locator(".views li").count()).toBe(5);
  await page.getByText("Attention", { exact: true }).click();
  await expect.poll(() => page.locator(".layer-attention .ramp").isVisible()).toBe(true);
  expect(await page.locator(".layer-kept .legend").isVisible()).toBe(false);
  if (process.env.PRUMERGE_SHOTS !== undefined)
    await page.screenshot({ path: join(process.env.PRUMERGE_SHOTS, "inspect.png"), fullPage: true });
});

it("keeps its content policy", () => {
  expect(offences).toEqual([]);
});
