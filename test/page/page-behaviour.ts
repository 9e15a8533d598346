import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, openWatched, type WatchedPage } from "./chromium.js";
import { answered, ask, costsOf, ready, tokenCount } from "./steps.js";

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const sample = fileURLToPath(new URL("../../models/pocket-llava/samples/sample_5.png", import.meta.url));

/** What the page does in either of its forms. */
export function describePage(name: string, address: () => string): void {
  describe(name, () => {
    let browser: Browser;
    let watched: WatchedPage;
    let page: Page;
    const open = async (options?: BrowserContextOptions) => {
      const opened = await openWatched(browser, address(), options);
      await ready(opened.page);
      return opened;
    };

    beforeAll(async () => {
      browser = await launchChromium();
      watched = await open();
      page = watched.page;
    });
    afterAll(async () => {
      await browser?.close();
    });

    it("draws the first sample and says what its reduction saves", async () => {
      const count = await tokenCount(page);
      expect(count).toBeGreaterThan(1);
      expect(count).toBeLessThanOrEqual(144);
      expect(await page.locator(".token").count()).toBe(count);
      const outlined = await page.locator(".stage .marks rect").count();
      expect(outlined).toBe((await page.locator(".token:not(.token-global)").count()) as number);
      expect(await page.locator(".histogram .fence").count()).toBe(1);
      expect(await page.locator(".histogram .bar.above").count()).toBeGreaterThan(0);
    });

    it("says in a line what its model knows, and what to run for other pictures", async () => {
      expect(await page.locator(".model-note").count()).toBe(1);
      const note = await page.locator(".model-note").textContent();
      expect(note).toMatch(/drawn scenes.* nothing of photographs.*--model/);
    });

    it("redraws on the slider at once, without asking anyone", async () => {
      const slider = page.getByRole("slider", { name: "Visual tokens" });
      await page.getByRole("radio", { name: "exactly" }).check();
      const asked = watched.requests.length;
      for (const count of [140, 136, 132]) {
        await slider.press("ArrowLeft");
        expect(await slider.getAttribute("aria-valuetext")).toBe(`exactly ${count} visual tokens`);
        await expect.poll(() => tokenCount(page)).toBe(count);
        expect(await page.locator(".token").count()).toBe(count);
      }
      expect(watched.requests.slice(asked)).toEqual([]);
    });

    it("redraws for another method", async () => {
      const method = page.getByRole("combobox", { name: "Method" });
      await method.selectOption("uniform");
      await expect.poll(() => page.locator(".token-global").count()).toBe(0);
      expect(await tokenCount(page)).toBe(132);
      await method.selectOption("none");
      await expect.poll(() => tokenCount(page)).toBe(576);
      await method.selectOption("prumerge");
      await expect.poll(() => tokenCount(page)).toBe(132);
    });

    it("offers positions, and the weight of tokens where the method makes them of several patches", async () => {
      const method = page.getByRole("combobox", { name: "Method" });
      const positions = page.getByRole("group", { name: "Positions" });
      const weight = page.getByRole("checkbox", { name: "Tokens weigh what they stand for" });
      expect(await positions.getByRole("radio").count()).toBe(4);
      expect(await positions.getByRole("radio", { name: "contiguous" }).isChecked()).toBe(true);
      expect(await weight.isChecked()).toBe(false);
      await method.selectOption("none");
      await expect.poll(() => positions.count()).toBe(0);
      await method.selectOption("uniform");
      await expect.poll(() => positions.count()).toBe(1);
      expect(await weight.count()).toBe(0);
      await method.selectOption("cover");
      await expect.poll(() => weight.count()).toBe(1);
      expect(await weight.isChecked()).toBe(true);
      await weight.uncheck();
      await positions.getByRole("radio", { name: "original" }).check();
      expect(await positions.textContent()).toContain("Each kept token where its patch stood");
      await ask(page, "Is there a bear in the image?");
      expect(await page.locator(".turn .answer").first().locator(".place-note").textContent()).toBe(
        "at their original positions",
      );
      expect(await page.locator(".turn .answer").last().locator(".place-note").count()).toBe(0);
      await page.getByRole("button", { name: "Copy as TypeScript" }).click();
      const copied = () => page.evaluate(() => navigator.clipboard.readText());
      await expect
        .poll(copied)
        .toContain('createReducer("cover", { tokens: 132, sizeBias: false }), { positions: "original" })');
      await page.getByRole("button", { name: "Forget this conversation" }).click();
      await positions.getByRole("radio", { name: "contiguous" }).check();
      await method.selectOption("prumerge");
      await expect.poll(() => tokenCount(page)).toBe(132);
    });

    it("links a visual token with the patches merged into it, and a patch with its tokens", async () => {
      await page.locator(".token").nth(2).hover();
      await expect.poll(() => page.locator(".trace line").count()).toBe(32);
      expect(await page.locator(".trace .own").count()).toBe(1);
      expect(await page.locator(".detail h3").textContent()).toContain("Visual token 3");
      await page.locator(".stage").evaluate((stage) => stage.scrollIntoView({ block: "center" }));
      const { x, y } = (await page.locator(".stage image").first().boundingBox())!;
      await page.mouse.move(x + 4, y + 4);
      await expect.poll(() => page.locator(".detail h3").textContent()).toContain("row 1, column 1");
      await page.getByRole("heading", { name: "What is kept, and why" }).hover();
      await expect.poll(() => page.locator(".trace").count()).toBe(0);
    });

    it("shows the heat of class attention and of merging", async () => {
      for (const layer of ["Attention", "Merged"]) {
        await page.getByRole("radio", { name: layer }).check();
        await expect.poll(() => page.locator(".stage .heat rect").count()).toBe(576);
      }
      await page.getByRole("radio", { name: "Kept" }).check();
    });

    it("answers a question side by side with the unreduced model", async () => {
      await ask(page, "Is there a bear in the image?");
      const answers = page.locator(".turn .answer");
      expect(await answers.count()).toBe(2);
      for (const text of await answers.locator(".text").allTextContents()) expect(text).toMatch(/\w/);
      const [reduced, whole] = [await costsOf(page, "132 tokens"), await costsOf(page, "All 576 tokens")];
      expect(Number(whole["Prompt tokens"]) - Number(reduced["Prompt tokens"])).toBe(576 - 132);
      expect(whole["First word"]).toMatch(/^[\d.]+ m?s$/);
      expect(whole["Key/value cache"]).toMatch(/MiB$/);
    });

    it("keeps the conversation of each picture", async () => {
      const pictures = page.getByRole("navigation", { name: "Pictures" });
      await pictures.getByRole("button", { name: /^sample_1/ }).click();
      await expect.poll(() => page.locator(".turn").count()).toBe(0);
      await pictures.getByRole("button", { name: /^sample_3/ }).click();
      await expect.poll(() => page.locator(".turn").count()).toBe(1);
      await ask(page, "What color is the triangle?");
      expect(await page.locator(".turn").count()).toBe(2);
      expect(await page.locator(".cost-note").textContent()).toContain("kept from an earlier question");
    });

    it("saves what is drawn as PNG and SVG", async () => {
      for (const [ending, first] of [
        ["PNG", "\x89PNG"],
        ["SVG", "<svg"],
      ] as const) {
        const [file] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("button", { name: `Save ${ending}` }).click(),
        ]);
        expect(file.suggestedFilename()).toBe(`sample_3-prumerge-132.${ending.toLowerCase()}`);
        const bytes = readFileSync(await file.path());
        expect(bytes.subarray(0, first.length).toString("latin1")).toBe(first);
        if (ending === "SVG") expect(bytes.toString()).toContain('href="data:image/png;base64,');
      }
    });

    it("copies the question as code", async () => {
      await page.getByRole("button", { name: "Copy as TypeScript" }).click();
      await expect.poll(() => page.locator(".share-bar [role=status]").textContent()).toBe("Code copied");
      const code = await page.evaluate(() => navigator.clipboard.readText());
      expect(code).toContain('createReducer("prumerge", { tokens: 132 })');
      expect(code).toContain('"What color is the triangle?"');
      await page.getByRole("button", { name: "Copy as curl" }).click();
      await expect.poll(() => page.locator(".share-bar [role=status]").textContent()).toBe("Command copied");
      expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("/v1/chat/completions");
    });

    it("takes a picture that is chosen or dropped, upright, and refuses what is none", async () => {
      await page.getByLabel("Choose a picture").setInputFiles(sample);
      await expect
        .poll(() => page.locator(".film .thumb[aria-pressed=true] img").getAttribute("alt"))
        .toBe("sample_5.png");
      await expect.poll(() => page.locator(".token").count(), { timeout: 60_000 }).toBe(132);
      await drop(page, fixture("image/orientation-6.jpg"), "turned.jpg");
      await expect
        .poll(() => page.locator(".film .thumb[aria-pressed=true] img").getAttribute("alt"))
        .toBe("turned.jpg");
      await expect.poll(() => page.locator(".stage").count(), { timeout: 60_000 }).toBe(1);
      const broken = { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture at all") };
      await page.getByLabel("Choose a picture").setInputFiles(broken);
      await page.locator(".picture [role=alert]").waitFor({ timeout: 60_000 });
      await page.getByRole("button", { name: /^sample_3/ }).click();
      await expect.poll(() => page.locator(".stage").count()).toBe(1);
    });

    it("has asked no other host and kept its content policy", () => {
      // The broken picture, said on the page; and Chromium's word where there is no GPU.
      const known = /status of 400|net::ERR_FILE_NOT_FOUND|No available adapters/;
      expect(watched.offences.filter((offence) => !known.test(offence))).toEqual([]);
    });

    it("is used by keyboard alone", async () => {
      const own = await open();
      const { keyboard } = own.page;
      const tabTo = async (selector: string) => {
        for (let step = 0; step < 60; step++) {
          await keyboard.press("Tab");
          if (await own.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
        }
        throw new Error(`the tab key never leads to ${selector}`);
      };
      await tabTo(".film .thumb");
      await keyboard.press("Enter");
      await expect.poll(() => own.page.locator(".film .thumb[aria-pressed=true]").count()).toBe(1);
      await own.page.locator(".token").first().waitFor();
      await tabTo(".stage");
      await keyboard.press("ArrowRight");
      await keyboard.press("ArrowDown");
      await expect
        .poll(() => own.page.locator(".picture [aria-live]").textContent())
        .toMatch(/row 14, column 13/);
      await tabTo("select");
      await keyboard.press("ArrowUp");
      await expect.poll(() => own.page.getByRole("combobox").inputValue()).toBe("prumerge");
      await tabTo("input[type=range]");
      await keyboard.press("Home");
      await expect.poll(() => tokenCount(own.page)).toBe(1);
      await keyboard.press("End");
      await expect.poll(() => tokenCount(own.page)).toBeGreaterThan(1);
      await tabTo(".token");
      await keyboard.press("ArrowRight");
      await expect.poll(() => own.page.locator(".detail h3").textContent()).toContain("Visual token 2");
      await tabTo(".composer input[type=text]");
      await keyboard.type("Describe the image.");
      await keyboard.press("Enter");
      await answered(own.page, 1);
      expect(await own.page.locator(".answer .text").first().textContent()).toMatch(/\w/);
      await own.close();
    });

    it("fits a phone", async () => {
      const phone = await open({
        viewport: { width: 375, height: 667 },
        hasTouch: true,
        isMobile: true,
        colorScheme: "dark",
      });
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
      await phone.page.locator(".stage svg").tap();
      await phone.page.locator(".detail h3").waitFor();
      await ask(phone.page, "Describe the image.");
      expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(375);
      await phone.close();
    });
  });
}

async function drop(page: Page, path: string, name: string): Promise<void> {
  const base64 = readFileSync(path).toString("base64");
  await page.evaluate(
    async ([data, fileName]) => {
      const bytes = Uint8Array.from(atob(data!), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], fileName!, { type: "image/jpeg" }));
      document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    },
    [base64, name],
  );
}
