import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds fault with on a page. */
export async function faultsOf(page: Page): Promise<{ id: string; nodes: string[] }[]> {
  // Evaluated by the test, not by the page, so that the page's content policy stays what it is.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
}
