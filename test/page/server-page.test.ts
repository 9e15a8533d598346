import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, openWatched } from "./chromium.js";
import { describePage } from "./page-behaviour.js";
import { type PrumergeServer, startServer } from "./prumerge-server.js";
import { ask, ready } from "./steps.js";

const samples = fileURLToPath(new URL("../../models/pocket-llava/samples", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-page-"));
let server: PrumergeServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

describePage("the page of prumerge serve", () => server.url);

describe("the page and its server", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it("writes a command that a shell carries out", async () => {
    const { page, close } = await openWatched(browser, server.url);
    await ready(page);
    await page.getByRole("button", { name: "Copy as curl" }).click();
    await expect.poll(() => page.locator(".share-bar [role=status]").textContent()).toBe("Command copied");
    const command = await page.evaluate(() => navigator.clipboard.readText());
    await close();
    const answer = JSON.parse(execFileSync("bash", ["-c", command], { cwd: samples, encoding: "utf8" }));
    expect(answer.choices[0].message.content).toMatch(/\w/);
    expect(answer.prumerge.pictures[0].method).toBe("prumerge+");
  });

  it("asks with the positions and options that are chosen, and says what the context had not", async () => {
    const { page, close } = await openWatched(browser, server.url);
    await ready(page);
    await page.getByRole("combobox", { name: "Method" }).selectOption("cover");
    await page.getByRole("radio", { name: "far" }).check();
    await page.getByRole("checkbox", { name: "Side by side with all 576 tokens" }).uncheck();
    const asked = page.waitForRequest("**/v1/chat/completions");
    await ask(page, "Is there a bear?");
    expect((await asked).postDataJSON().prumerge).toEqual({
      method: "cover",
      visual_tokens: "adaptive:144",
      positions: "far",
    });
    // The bundled model's context has room for all: a server's word that it had not.
    await page.route("**/v1/chat/completions", async (route) => {
      const response = await route.fetch();
      const said = await response.text();
      const text = said.replaceAll('"key_value_bytes"', '"missing_positions":7,"key_value_bytes"');
      await route.fulfill({ response, body: text });
    });
    await page.getByRole("checkbox", { name: "Tokens weigh what they stand for" }).uncheck();
    const again = page.waitForRequest("**/v1/chat/completions");
    await ask(page, "Is there a cat?");
    expect((await again).postDataJSON().prumerge.options).toEqual({ sizeBias: false });
    expect(await page.locator(".turn").first().locator(".place-note").textContent()).toBe(
      "the text where it would have stood, drawn together by 7 positions that the context has not",
    );
    await close();
  });

  it("asks for the key that a server wants", async () => {
    const keys = join(folder, "keys.txt");
    writeFileSync(keys, "sesame-open-the-door-0123456789\n");
    const locked = await startServer(["--api-key-file", keys]);
    const { page, close } = await openWatched(browser, locked.url);
    await page.getByLabel("This server wants a key.").fill("not-the-key-not-the-key-not-the-key");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByLabel("The key is not right.").fill("sesame-open-the-door-0123456789");
    await page.getByRole("button", { name: "Open" }).click();
    await ready(page);
    await close();
    await locked.close();
  });
});
