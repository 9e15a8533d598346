import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Starts the machine's Chromium; `CHROMIUM` names another one.
 *
 * @param words options of its command line, beside those that it takes to run here
 */
export function launchChromium(words: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? places.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error(`no Chromium at ${places.join(", ")}: install it, or name one in CHROMIUM`);
  }
  // Its sandbox refuses root, as which containers run.
  const args = [...words, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  return chromium.launch({ executablePath, args });
}

/** A page, and what must not have happened on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors on the console, violations of the content security policy, and requests to other hosts. */
  readonly offences: readonly string[];
  /** Addresses asked for, with their methods. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Opens an address in a context of its own, with a clean cache and storage. */
export async function openWatched(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const offences: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) offences.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => offences.push(`uncaught: ${error.message}`));
  context.on("request", (request) => {
    requests.push(`${request.method()} ${request.url()}`);
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
      offences.push(`foreign: ${request.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.goto(url, { timeout: 120_000 });
  return { page, offences, requests, close: () => context.close() };
}
