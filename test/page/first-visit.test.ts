import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf } from "./axe.js";
import { launchChromium, openWatched } from "./chromium.js";
import { shiftsOf, watchShifts } from "./layout-shift.js";
import { type PrumergeServer, startServer } from "./prumerge-server.js";
import { ask, ready } from "./steps.js";

const phone = { width: 390, height: 844 };
const tablet = { width: 820, height: 1180 };
const desktop = { width: 1440, height: 900 };

let server: PrumergeServer;
let browser: Browser;
beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens the page at a width, ready to be asked. */
async function visit(viewport: { width: number; height: number }) {
  const watched = await openWatched(browser, "about:blank", { viewport, colorScheme: "light" });
  await watchShifts(watched.page);
  await watched.page.goto(server.url);
  await ready(watched.page);
  return watched;
}

const boxOf = async (page: Page, selector: string) => (await page.locator(selector).first().boundingBox())!;

describe.each([
  ["a phone", phone],
  ["a small phone's browser", { width: 390, height: 664 }],
  ["a desktop", desktop],
])("a first visit on %s", (_, viewport) => {
  it("has picture and question on the screen, and nothing moves while it loads", async () => {
    const { page, close } = await visit(viewport);
    const [picture, field, button] = [
      await boxOf(page, ".stage svg"),
      await boxOf(page, ".composer input[type=text]"),
      await boxOf(page, ".composer button.primary"),
    ];
    expect(picture.y).toBeGreaterThanOrEqual(0);
    expect(picture.y + picture.height).toBeLessThanOrEqual(viewport.height);
    expect(field.y + field.height).toBeLessThanOrEqual(viewport.height);
    expect(button.x + button.width).toBeLessThanOrEqual(viewport.width);
    await page.waitForTimeout(300);
    const shifts = await shiftsOf(page);
    expect(
      shifts.reduce((sum, { value }) => sum + value, 0),
      JSON.stringify(shifts),
    ).toBeLessThan(0.01);
    await close();
  });
});

describe("the page at every width", () => {
  it.each([
    ["390", phone],
    ["820", tablet],
    ["1440", desktop],
  ])("%s: nothing overhangs, is cut off, jumps with the picture's shape, or is found fault with", async (_, viewport) => {
    const { page, close } = await visit(viewport);
    const frame = await boxOf(page, ".frame");
    for (const [width, height] of [
      [640, 240],
      [200, 600],
    ] as const) {
      await page.getByLabel("Choose a picture").setInputFiles(await drawn(page, width, height));
      await page.locator(`.stage[aria-label*="${width}x${height}"]`).waitFor({ timeout: 60_000 });
      expect(await boxOf(page, ".frame")).toEqual(frame);
      expect(await boxOf(page, ".stage svg")).toEqual(frame);
    }
    await ask(page, "Describe the image.");
    await ask(page, "What is in the picture?");
    const beside = viewport.width >= 1100 ? ".chat" : ".card.question";
    if (viewport.width >= 760) {
      const [left, right] = [await boxOf(page, ".card.picture"), await boxOf(page, beside)];
      expect([left.y, left.y + left.height]).toEqual([right.y, right.y + right.height]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    expect(await overhanging(page)).toEqual([]);
    expect(await emptyCards(page)).toEqual([]);
    for (const theme of ["Light", "Dark"]) {
      const button = page.getByRole("button", { name: /^Colours:/ });
      for (let presses = 0; (await button.textContent()) !== `Colours: ${theme}` && presses < 3; presses++)
        await button.click();
      await page.locator(".token").nth(1).hover();
      expect(await faultsOf(page), theme).toEqual([]);
    }
    await close();
  });
});

describe("what is read out, and what the keyboard reaches", () => {
  it("names what is there, in the order of a visit", async () => {
    const { page, close } = await visit(desktop);
    await ask(page, "Is there a bear in the image?");
    await page.getByRole("navigation", { name: "Pictures" }).waitFor();
    await page.getByRole("region", { name: "Picture", exact: true }).getByRole("application").waitFor();
    const talk = page.getByRole("region", { name: "Questions and answers" });
    await talk.getByRole("textbox", { name: "Question about the picture" }).waitFor();
    await talk.getByRole("region", { name: /^prumerge\+, \d+ tokens$/ }).waitFor();
    await talk.getByRole("region", { name: "All 576 tokens" }).waitFor();
    const table = talk.getByRole("table", { name: "What the answers took" });
    expect(await table.getByRole("columnheader").allTextContents()).toEqual([
      expect.stringMatching(/^prumerge\+, \d+ tokens$/),
      "All 576 tokens",
    ]);
    await table.getByRole("rowheader", { name: "Key/value cache" }).waitFor();
    const headings = await page.getByRole("heading").allTextContents();
    expect(headings.filter((text) => /^(Ask|Is there|What)/.test(text))).toEqual([
      "Ask about the picture",
      "Is there a bear in the image?",
      "What is kept, and why",
      "What the language model reads",
    ]);
    await close();
  });

  it("explains words where they stand, by keyboard", async () => {
    const { page, close } = await visit(phone);
    const explanation = page.locator(".explanation:popover-open");
    const words = page.locator("button.word");
    expect(new Set(await words.allTextContents()).size).toBeGreaterThanOrEqual(4);
    for (const word of await words.all()) {
      const before = await page.evaluate(() => document.documentElement.scrollHeight);
      await word.focus();
      await page.keyboard.press("Enter");
      await explanation.waitFor();
      expect((await explanation.textContent())!.length).toBeGreaterThan(60);
      const { x, y, width, height } = (await explanation.boundingBox())!;
      expect([x >= 0, x + width <= phone.width, y >= 0, y + height <= phone.height]).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(before);
      await page.keyboard.press("Escape");
      await expect.poll(() => explanation.count()).toBe(0);
      expect(await word.evaluate((button) => document.activeElement === button)).toBe(true);
    }
    await close();
  });
});

/** A picture of a size, as a file. */
async function drawn(page: Page, width: number, height: number) {
  const base64 = await page.evaluate(
    async ([across, down]) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [across, down];
      const context = canvas.getContext("2d")!;
      context.fillStyle = "#3a7";
      context.fillRect(0, 0, across, down);
      context.fillStyle = "#fd2";
      context.fillRect(across / 3, down / 3, across / 4, down / 4);
      return canvas.toDataURL("image/png").split(",")[1]!;
    },
    [width, height] as const,
  );
  return { name: `${width}x${height}.png`, mimeType: "image/png", buffer: Buffer.from(base64, "base64") };
}

/** What lies beyond the window's edge, but for rows that are moved sideways. */
function overhanging(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("main *, header *")]
      .filter((element) => !element.closest(".film ul, .visually-hidden, svg, .explanation"))
      .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 1 && (left < -0.5 || right > document.documentElement.clientWidth + 0.5);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
}

/** Cards whose lower half has nothing in it. */
function emptyCards(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".card")]
      .filter((card) => {
        const { top, height } = card.getBoundingClientRect();
        const lowest = Math.max(
          ...[...card.querySelectorAll("*")]
            .filter((element) => element.children.length === 0 || element.tagName === "svg")
            .map((element) => element.getBoundingClientRect())
            .filter(({ width, height: own }) => width > 1 && own > 1)
            .map(({ bottom }) => bottom - top),
        );
        return lowest < height / 2;
      })
      .map((card) => card.outerHTML.slice(0, 120)),
  );
}
