import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, openWatched } from "./chromium.js";
import { type PrumergeServer, startServer } from "./prumerge-server.js";
import { answered, ask, costsOf, ready } from "./steps.js";

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const key = "sesame-open-the-door-0123456789";

let folder: string;
let browser: Browser;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-page-"));
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

async function visit(server: PrumergeServer) {
  const watched = await openWatched(browser, server.url);
  await ready(watched.page);
  return watched;
}

const failure = (page: Page) => page.locator(".answer .failure p").textContent();

describe("a server in trouble", () => {
  it("that is gone, wants a key later, or is busy says so, and the question is asked again", async () => {
    const server = await startServer();
    const { port } = new URL(server.url);
    const { page, close } = await visit(server);
    await server.close();
    await ask(page, "Is there a bear?");
    expect(await failure(page)).toMatch(/^The server does not answer\. Look whether it still runs/);
    expect(await page.locator(".answer [role=alert]").count()).toBe(1);

    const keys = join(folder, "keys.txt");
    writeFileSync(keys, `${key}\n`);
    const locked = await startServer(["--port", port, "--api-key-file", keys]);
    await page.getByRole("button", { name: "Ask again" }).click();
    const field = page.getByLabel("This server wants a key.");
    await field.waitFor();
    expect(await page.locator("form.notice .hint").textContent()).toContain("Whoever runs the server has it");
    await field.fill("not-the-key-not-the-key-not-the-key");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByLabel("The key is not right.").fill(key);
    await page.getByRole("button", { name: "Open" }).click();
    // Without another press: the question was there already.
    await expect.poll(() => page.locator(".answer[data-status=done]").count(), { timeout: 60_000 }).toBe(2);
    expect(await page.locator(".turn").count()).toBe(1);

    await page.route("**/v1/chat/completions", (route) =>
      route.fulfill({ status: 429, headers: { "retry-after": "3" }, json: { error: { message: "busy" } } }),
    );
    await ask(page, "Is there a house?");
    expect(await failure(page)).toBe(
      "The server is busy with the questions of others. Ask again in 3 seconds.",
    );
    await page.unroute("**/v1/chat/completions");
    await page.getByRole("button", { name: "Ask again" }).click();
    await expect.poll(() => page.locator(".turn").first().locator("[data-status=done]").count()).toBe(2);
    await close();
    await locked.close();
  });

  it("that ends in the middle of an answer says that it broke off", async () => {
    const server = await startServer();
    const { page, close } = await visit(server);
    await page.route("**/v1/chat/completions", (route) =>
      route.fulfill({
        contentType: "text/event-stream",
        body: 'data: {"choices":[{"delta":{"content":"a house"}}]}\n\n',
      }),
    );
    await ask(page, "Is there a house?");
    expect(await failure(page)).toMatch(/^The answer broke off: the server ended/);
    await close();
    await server.close();
  });
});

describe("pictures that come and go", () => {
  let server: PrumergeServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.close());

  it("keeps beside a second question what the first took", async () => {
    const { page, close } = await visit(server);
    await ask(page, "Is there a bear in the image?");
    const first = { reduced: await costsOf(page, "prumerge+"), whole: await costsOf(page, "All 576") };
    expect(first.reduced["First word, picture kept"]).toBeUndefined();
    expect(await page.locator(".cost-note").textContent()).toContain("vision tower took");
    await ask(page, "Describe the image.");
    const second = { reduced: await costsOf(page, "prumerge+"), whole: await costsOf(page, "All 576") };
    expect(second.reduced["First word"]).toBe(first.reduced["First word"]);
    expect(second.whole["First word"]).toBe(first.whole["First word"]);
    expect(second.reduced["First word, picture kept"]).toMatch(/^[\d.]+ m?s$/);
    expect(await page.locator(".cost-note").textContent()).toContain("only the new words were read");
    // And beside a first one of another reduction, whose counterpart was read before.
    await page.getByRole("slider", { name: "Visual tokens" }).press("Home");
    await ask(page, "Is there a house in the image?");
    const third = { reduced: await costsOf(page, "prumerge+"), whole: await costsOf(page, "All 576") };
    expect(third.reduced["First word, picture kept"]).toBe("–");
    expect(third.whole["First word"]).toBe(first.whole["First word"]);
    expect("Whole answer" in third.whole).toBe(false);
    // Nothing of it is lost with the conversation.
    await page.getByRole("button", { name: "Forget this conversation" }).click();
    await ask(page, "Which animal is shown?");
    expect((await costsOf(page, "All 576"))["First word"]).toBe(first.whole["First word"]);
    await close();
  });

  it("removes one, shows the next, and says what to do where none is left", async () => {
    const { page, close } = await visit(server);
    await ask(page, "Is there a bear in the image?");
    const thumbs = page.locator(".film .thumb");
    expect(await thumbs.count()).toBe(4);
    await page.getByRole("button", { name: "Remove sample_3.png" }).focus();
    await page.keyboard.press("Enter");
    await expect.poll(() => thumbs.count()).toBe(3);
    expect(await page.locator(".film .thumb[aria-pressed=true] img").getAttribute("alt")).toBe(
      "sample_5.png",
    );
    expect(await page.locator(".turn").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Your picture");
    for (let left = 3; left > 0; left--) await page.locator(".film .remove").click();
    await page.getByText("Drop, paste or choose a picture or a video.").waitFor();
    expect(await page.getByRole("button", { name: "Ask", exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Choose a picture").setInputFiles(fixture("image/rgb.png"));
    await page.locator(".stage").waitFor();
    await close();
  });

  it("says what to do with a photograph that the browser cannot read", async () => {
    const { page, close } = await visit(server);
    await page.getByLabel("Choose a picture").setInputFiles(fixture("page/photo.heic"));
    const said = page.locator(".picture [role=alert] p");
    await said.waitFor();
    expect(await said.textContent()).toMatch(/^This is a HEIC photograph.*as JPEG first: on an iPhone/);
    await page.getByLabel("Choose a picture").setInputFiles({
      name: "words.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("no picture"),
    });
    await expect.poll(() => said.textContent()).toContain("JPEG, PNG, WebP or GIF");
    await close();
  });

  it("reads what the browser can and the server cannot: HEIC, AVIF, BMP", async () => {
    const { page, close } = await openWatched(browser, "about:blank");
    // A browser that reads HEIC, as Safari does.
    await page.addInitScript(() => {
      const own = globalThis.createImageBitmap.bind(globalThis);
      const read = async (source: ImageBitmapSource, options?: ImageBitmapOptions) => {
        const heic = source instanceof Blob && (await source.slice(8, 12).text()) === "heic";
        return own(heic ? new ImageData(64, 48) : source, options);
      };
      Object.assign(globalThis, { createImageBitmap: read });
    });
    await page.goto(server.url);
    await ready(page);
    for (const [file, type] of [
      [fixture("page/photo.heic"), "image/jpeg"],
      [fixture("image/rgb.avif"), "image/png"],
      [bitmapFile(), "image/png"],
    ] as const) {
      const asked = page.waitForRequest("**/v1/visual-tokens");
      await page.getByLabel("Choose a picture").setInputFiles(file);
      const { url } = (await asked).postDataJSON().image_url;
      expect(url.slice(0, 5 + type.length)).toBe(`data:${type}`);
      const name = typeof file === "string" ? file.split("/").at(-1)! : file.name;
      await page.locator(`.stage[aria-label*="${name}"]`).waitFor();
    }
    await ask(page, "Describe the image.");
    await answered(page, 1);
    await close();
  });
});

/** A bitmap of 2 x 2 pixels, which no model's reader takes. */
function bitmapFile() {
  const buffer = Buffer.alloc(54 + 16, 0x80);
  buffer.fill(0, 0, 54);
  buffer.write("BM");
  buffer.writeUInt32LE(buffer.length, 2);
  buffer.writeUInt32LE(54, 10);
  buffer.writeUInt32LE(40, 14);
  buffer.writeInt32LE(2, 18);
  buffer.writeInt32LE(2, 22);
  buffer.writeUInt16LE(1, 26);
  buffer.writeUInt16LE(24, 28);
  return { name: "two.bmp", mimeType: "image/bmp", buffer };
}
