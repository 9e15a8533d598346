/** Takes the pictures of the page in docs/browser.md: build it with `npm run build:app` first. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { launchChromium, openWatched } from "../../test/page/chromium.js";
import { serveFolder } from "../../test/page/static-server.js";
import { ask, ready } from "../../test/page/steps.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const server = await serveFolder(path("../../app/dist"), { isolated: true });
const browser = await launchChromium();

async function take(name: string, page: Page, fullPage = false): Promise<void> {
  await page.waitForTimeout(300); // transitions
  const png = await sharp(await page.screenshot({ fullPage })).png({ palette: true, quality: 85, effort: 10 }).toBuffer();
  writeFileSync(path(`./page-${name}.png`), png);
}

const light = await openWatched(browser, server.url, { colorScheme: "light", viewport: { width: 1200, height: 850 } });
await ready(light.page);
await ask(light.page, "Where is the bear?");
await light.page.locator(".token").nth(3).hover();
await take("light", light.page, true);
await light.close();

const dark = await openWatched(browser, server.url, { colorScheme: "dark", viewport: { width: 1200, height: 850 } });
await ready(dark.page);
await dark.page.getByRole("button", { name: "sample_5.png", exact: true }).click();
await dark.page.locator(".token").first().waitFor();
await dark.page.getByRole("radio", { name: "Attention" }).check();
await take("dark", dark.page);
await dark.close();

const phone = await openWatched(browser, server.url, { colorScheme: "dark", viewport: { width: 390, height: 844 } });
await ready(phone.page);
await phone.page.locator(".stage svg").click({ position: { x: 150, y: 150 } });
await take("phone", phone.page);

await browser.close();
await server.close();
