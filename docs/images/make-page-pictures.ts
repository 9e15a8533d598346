/** Takes the pictures of the page in docs/browser.md: build it with `npm run build && npm run build:app` first. */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { launchChromium, openWatched } from "../../test/page/chromium.js";
import { startServer } from "../../test/page/prumerge-server.js";

const windows = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

const browser = await launchChromium();
for (const viewport of windows) {
  for (const colorScheme of ["light", "dark"] as const) {
    // One for each, which has seen no picture yet.
    const server = await startServer();
    const { page, close } = await openWatched(browser, server.url, { colorScheme, viewport });
    await page.locator(".token").first().waitFor();
    await page.getByLabel("Question about the picture").fill("Where is the bear?");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    await page.locator(".turn .costs").waitFor();
    await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(500); // transitions
    const file = fileURLToPath(new URL(`page-${viewport.width}-${colorScheme}.webp`, import.meta.url));
    rmSync(file, { force: true });
    const fullPage = viewport.width === windows[0]!.width;
    await sharp(await page.screenshot({ fullPage })).webp({ quality: 82, effort: 6 }).toFile(file);
    await close();
    await server.close();
  }
}
await browser.close();
