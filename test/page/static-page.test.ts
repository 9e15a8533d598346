import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, openWatched } from "./chromium.js";
import { describePage } from "./page-behaviour.js";
import { type StaticServer, serveFolder } from "./static-server.js";
import { ready } from "./steps.js";

const folder = fileURLToPath(new URL("../../app/dist", import.meta.url));
let server: StaticServer;
beforeAll(async () => {
  server = await serveFolder(folder, { isolated: true });
});
afterAll(() => server.close());

describePage("the page without a server", () => server.url);

describe("the model in the browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it("is fetched with progress, and once: the next visit takes it from the cache", async () => {
    const { page, close } = await openWatched(browser, "about:blank");
    const shown: string[] = [];
    await page.exposeFunction("progressed", (text: string) => shown.push(text));
    await page.addInitScript(() => {
      const tell = (globalThis as unknown as { progressed(text: string): void }).progressed;
      new MutationObserver(() => {
        const text = document.querySelector(".notice p")?.textContent;
        if (text) tell(text);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await page.goto(server.url);
    await ready(page);
    expect(shown.some((text) => /^Fetching the model: [\d.]+ of [\d.]+ MB$/.test(text))).toBe(true);
    const before = server.requests.length;
    await page.reload();
    await ready(page);
    const again = server.requests.slice(before);
    expect(again.filter((request) => /^GET .*\.(onnx_data|wasm)$/.test(request))).toEqual([]);
    expect(again.filter((request) => /^HEAD .*\.onnx_data$/.test(request)).length).toBeGreaterThan(0);
    await close();
  });

  it("computes in one thread where the page is not isolated, and says so", async () => {
    const plain = await serveFolder(folder, { isolated: false });
    const { page, close } = await openWatched(browser, plain.url);
    await ready(page);
    expect(await page.locator(".place").textContent()).toContain("WebAssembly, one thread");
    await close();
    await plain.close();
  });

  it("says what is wrong where its files are not there", async () => {
    const empty = await serveFolder(fileURLToPath(new URL("../../app/dist", import.meta.url)), {
      isolated: true,
    });
    const { page, close } = await openWatched(browser, "about:blank");
    await page.route("**/prumerge.json", (route) => route.fulfill({ status: 404 }));
    await page.goto(empty.url);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("prumerge.json");
    await page.unroute("**/prumerge.json");
    await page.getByRole("button", { name: "Try again" }).click();
    await ready(page);
    await close();
    await empty.close();
  });
});
