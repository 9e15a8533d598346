import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page, Response } from "playwright-core";
import { loadModel, pruMergePlus } from "prumerge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VisualTokensAnswer } from "../../src/serve/schema/visual-tokens.js";
import { type TinyModel, tinyModels } from "../support/tiny-models.js";
import { launchChromium, openWatched } from "./chromium.js";
import { startServer } from "./prumerge-server.js";
import { serveFolder } from "./static-server.js";
import { ask, costsOf, tokenCount } from "./steps.js";

const models = tinyModels();
const [width, height] = [420, 230];
let landscape: string;
let browser: Browser;
beforeAll(async () => {
  landscape = await models.picture(width, height);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  models.remove();
});

const shots = process.env.PRUMERGE_SHOTS;

/** The page of a server with a tiny model. */
async function served(name: TinyModel, use: (page: Page, offences: readonly string[]) => Promise<void>) {
  const server = await startServer(["--model", await models.convert(name)]);
  const { page, offences, close } = await openWatched(browser, server.url);
  try {
    await use(page, offences);
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  } finally {
    await close();
    await server.close();
  }
}

const isInspection = (response: Response) =>
  response.url().endsWith("/v1/visual-tokens") && response.request().postDataJSON().inspect === true;

/** What the server tells next of a picture. */
async function told(page: Page, act: () => Promise<unknown>): Promise<VisualTokensAnswer> {
  const [response] = await Promise.all([page.waitForResponse(isInspection), act()]);
  expect(response.status()).toBe(200);
  return response.json();
}

const choose = (page: Page, path: string) => page.getByLabel("Choose a picture").setInputFiles(path);

interface Drawn {
  /** Of each panel its name, and where the whole picture lies in the drawing. */
  readonly panels: readonly { readonly name: string; readonly picture: Box }[];
  /** Outlines of kept patches, the middle of each in the drawing, in the tokens' order. */
  readonly marks: readonly { readonly x: number; readonly y: number }[];
}
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the page has drawn, read from its SVG. */
function drawn(page: Page): Promise<Drawn> {
  return page.locator(".stage svg").evaluate((svg: SVGSVGElement) => {
    const inDrawing = (element: SVGGraphicsElement) => {
      const { x, y, width, height } = element.getBBox();
      const to = element.getCTM()!;
      const own = svg.getCTM()!.inverse().multiply(to);
      return { x: x * own.a + own.e, y: y * own.d + own.f, width: width * own.a, height: height * own.d };
    };
    const of = (selector: string) => [...svg.querySelectorAll<SVGGraphicsElement>(selector)];
    const names = of("text").map((text) => text.textContent ?? "");
    return {
      panels: of("image, use[href='#shown']").map((image, at) => ({
        name: names[at] ?? "",
        picture: inDrawing(image),
      })),
      marks: of(".marks rect").map((rect) => {
        const box = inDrawing(rect);
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      }),
    };
  });
}

/** Where the server says that tokens stand, in their panels: the whole picture in the first, its tiles in the second. */
function expectedMarks(
  { inspection }: VisualTokensAnswer,
  { panels }: Drawn,
  panelOf: (view: number) => number,
) {
  return inspection!.tokens
    .filter(({ patch }) => patch !== undefined)
    .map(({ view = 0, rectangle }) => {
      const { picture } = panels[panelOf(view)]!;
      const { x, y, ...size } = rectangle!;
      return {
        x: picture.x + ((x + size.width / 2) / width) * picture.width,
        y: picture.y + ((y + size.height / 2) / height) * picture.height,
      };
    });
}

function expectNear(found: Drawn["marks"], expected: Drawn["marks"]) {
  expect(found).toHaveLength(expected.length);
  const furthest = found.map(({ x, y }, at) =>
    Math.max(Math.abs(x - expected[at]!.x), Math.abs(y - expected[at]!.y)),
  );
  expect(Math.max(...furthest)).toBeLessThan(0.1);
}

describe("the page of a server whose model sees tiles", () => {
  it.each([
    ["next", 0],
    ["smolvlm", -1],
    ["onevision", 0],
  ] as const)("draws a landscape picture's tiles in their places: %s", async (name, whole) => {
    await served(name, async (page, offences) => {
      const answer = await told(page, () => choose(page, landscape));
      await page.locator(".token").first().waitFor();
      const { picture, regions } = answer;
      const base = whole === 0 ? 0 : regions.length - 1;
      const shown = await drawn(page);
      expect(shown.panels.map((panel) => panel.name)).toEqual([
        "the whole picture",
        `${regions.length - 1} tiles`,
      ]);
      for (const { picture: box } of shown.panels)
        expect(box.width / box.height).toBeCloseTo(width / height, 2); // never a square
      expectNear(
        shown.marks,
        expectedMarks(answer, shown, (view) => (view === base ? 0 : 1)),
      );
      expect(await tokenCount(page)).toBe(picture.visual_tokens);
      expect(await page.locator(".saving").textContent()).toContain(`of ${picture.unreduced_tokens} `);
      const counts = await page.locator(".views li").allTextContents();
      expect(counts).toHaveLength(regions.length);
      for (const [view, { visual_tokens, patches }] of picture.views!.entries())
        expect(counts[view]).toContain(`${visual_tokens} of ${patches}`);
      expect(offences.filter((offence) => !/No available adapters/.test(offence))).toEqual([]);
    });
  });

  it("asks for exactly so many, or for a share of the picture's patches, and compares with all of them", async () => {
    await served("smolvlm", async (page) => {
      const first = await told(page, () => choose(page, landscape));
      await page.locator(".token").first().waitFor();
      const patches = first.picture.views!.reduce((sum, view) => sum + view.patches, 0);
      const slider = page.getByRole("slider", { name: "Visual tokens" });
      const share = await told(page, () => page.getByRole("radio", { name: "share" }).check());
      expect(share.picture.budget).toMatch(/^\d+%$/);
      const half = await told(page, () => slider.fill("50"));
      expect(half.picture).toMatchObject({ budget: "50%", visual_tokens: Math.round(patches / 2) });
      await expect.poll(() => tokenCount(page)).toBe(Math.round(patches / 2));
      expect(await slider.getAttribute("aria-valuetext")).toBe(
        `50 % of the patches, ${Math.round(patches / 2)} visual tokens`,
      );
      await told(page, () => page.getByRole("radio", { name: "exactly" }).check());
      const exact = await told(page, () => slider.press("Home"));
      expect(exact.picture.visual_tokens).toBe(1);
      const all = await told(page, () => slider.press("End"));
      expect(all.picture.visual_tokens).toBe(patches);
      await told(page, () => slider.press("Home"));
      await expect.poll(() => tokenCount(page)).toBe(1);
      await ask(page, "What is this?");
      const total = first.picture.unreduced_tokens;
      const [one, whole] = [await costsOf(page, "1 token"), await costsOf(page, `All ${total} tokens`)];
      expect(Number(whole["Prompt tokens"]) - Number(one["Prompt tokens"])).toBe(total - 1);
    });
  });

  it("shows the whole picture alone where that is asked for, in its answers too", async () => {
    await served("next", async (page) => {
      await told(page, () => choose(page, landscape));
      await page.locator(".token").first().waitFor();
      const base = await told(page, () => page.getByRole("radio", { name: "the whole alone" }).check());
      expect(base.regions).toHaveLength(1);
      await expect.poll(() => tokenCount(page)).toBe(base.picture.visual_tokens);
      expect((await drawn(page)).panels).toHaveLength(1);
      const asked = page.waitForRequest("**/v1/chat/completions");
      await ask(page, "What is this?");
      expect((await asked).postDataJSON().prumerge.views).toBe("base");
    });
  });

  it("walks from the whole picture over to its tiles by keyboard", async () => {
    await served("next", async (page) => {
      await told(page, () => choose(page, landscape));
      await page.locator(".token").first().waitFor();
      await page.locator(".stage").focus();
      const said = page.locator(".picture [aria-live]");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("End");
      await expect.poll(() => said.textContent()).toContain("of the whole picture");
      for (const key of ["ArrowDown", "ArrowRight", "ArrowDown"]) {
        for (let step = 0; step < 40; step++) await page.keyboard.press(key);
      }
      await expect.poll(() => said.textContent()).toMatch(/of tile \d/);
    });
  });
});

it("shows a model of any size a smaller picture where fewer pixels are asked for", async () => {
  await served("qwen", async (page) => {
    const usual = await told(page, () => choose(page, landscape));
    await page.locator(".token").first().waitFor();
    const shown = await drawn(page);
    expect(shown.panels).toHaveLength(1);
    const most = page.getByRole("spinbutton", { name: "at most" });
    const smaller = await told(page, async () => {
      await most.fill("20000");
      await most.press("Enter");
    });
    expect(smaller.picture.unreduced_tokens).toBeLessThan(usual.picture.unreduced_tokens);
    await expect.poll(() => tokenCount(page)).toBe(smaller.picture.visual_tokens);
    const answered = await drawn(page);
    expectNear(
      answered.marks,
      expectedMarks(smaller, answered, () => 0),
    );
    const asked = page.waitForRequest("**/v1/chat/completions");
    await ask(page, "What is this?");
    expect((await asked).postDataJSON().prumerge.max_pixels).toBe(20_000);
    await most.fill("0.5");
    await most.press("Enter");
    expect(await most.evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false);
  });
});

describe("the page without a server, with a converted folder beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-page-tiles-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("draws a SmolVLM's tiles in their places, plans there, and answers", async () => {
    cpSync(fileURLToPath(new URL("../../app/dist", import.meta.url)), folder, { recursive: true });
    const model = await models.convert("smolvlm");
    cpSync(model, join(folder, "models/smolvlm"), { recursive: true });
    const inNode = await loadModel(model);
    const expected = await inNode.see(landscape, pruMergePlus({ tokens: 30 }));
    await inNode.dispose();
    const server = await serveFolder(folder, { isolated: true });
    const { page, offences, close } = await openWatched(
      browser,
      `${server.url}?device=wasm&model=models/smolvlm`,
    );
    await page.getByText("smolvlm").first().waitFor();
    await choose(page, landscape);
    await page.locator(".token").first().waitFor();
    const { regions } = expected.sites;
    const shown = await drawn(page);
    expect(shown.panels.map((panel) => panel.name)).toEqual([
      "the whole picture",
      `${regions.length - 1} tiles`,
    ]);
    for (const { picture: box } of shown.panels)
      expect(box.width / box.height).toBeCloseTo(width / height, 2);
    await page.getByRole("radio", { name: "exactly" }).check();
    await page.getByRole("slider", { name: "Visual tokens" }).fill("29"); // the 30th stop
    await expect.poll(() => tokenCount(page)).toBe(30);
    const { keptPatches } = expected.plan;
    const onPatches = [...keptPatches].filter((patch) => patch >= 0);
    const middles = onPatches.map((patch) => {
      const view = regions.findLastIndex(({ first }) => first <= patch);
      const { first, rows, columns, rectangle } = regions[view]!;
      const { picture } = shown.panels[view === regions.length - 1 ? 0 : 1]!;
      const x = rectangle.x + (((patch - first) % columns) + 0.5) * (rectangle.width / columns);
      const y = rectangle.y + (Math.floor((patch - first) / columns) + 0.5) * (rectangle.height / rows);
      return { x: picture.x + (x / width) * picture.width, y: picture.y + (y / height) * picture.height };
    });
    expectNear((await drawn(page)).marks, middles);
    if (shots !== undefined) await page.screenshot({ path: join(shots, "browser.png"), fullPage: true });
    await ask(page, "What is this?");
    const { unreducedTokens } = expected.statistics;
    const [some, all] = [
      await costsOf(page, "30 tokens"),
      await costsOf(page, `All ${unreducedTokens} tokens`),
    ];
    expect(Number(all["Prompt tokens"]) - Number(some["Prompt tokens"])).toBe(unreducedTokens - 30);
    expect(offences.filter((offence) => !/No available adapters/.test(offence))).toEqual([]);
    await close();
    const { page: other, close: closeOther } = await openWatched(
      browser,
      `${server.url}?model=https://models.example/smolvlm`,
    );
    await other.getByText("own web space alone").waitFor();
    await closeOther();
    await server.close();
  });
});
