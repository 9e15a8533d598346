import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Waits until the model is there and the first picture is drawn. */
export async function ready(page: Page): Promise<void> {
  await page.locator(".token").first().waitFor({ timeout: 200_000 });
}

/** The number of visual tokens that the page shows. */
export async function tokenCount(page: Page): Promise<number> {
  return Number(await page.getByTestId("token-count").textContent());
}

/** Asks and waits for every answer's end. */
export async function ask(page: Page, question: string): Promise<void> {
  const turns = await page.locator(".turn").count();
  await page.getByLabel("Question about the picture").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  await answered(page, turns + 1);
}

/** Waits until the last of so many turns is answered. */
export async function answered(page: Page, turns: number): Promise<void> {
  await expect.poll(() => page.locator(".turn").count(), { timeout: 60_000 }).toBe(turns);
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor({ timeout: 200_000 });
}

/** What the page says of an answer to the latest question, by the row's name. */
export async function costsOf(page: Page, answer: string): Promise<Record<string, string>> {
  const table = page.locator(".turn").first().locator(".costs");
  const titles = await table.locator("thead th").allTextContents();
  const column = titles.findIndex((title) => title.includes(answer));
  const rows = await table
    .locator("tbody tr")
    .evaluateAll(
      (all, at) =>
        all.map((row) => [
          (row.querySelector("th .word") ?? row.querySelector("th"))!.textContent,
          row.querySelectorAll(".number")[at]!.textContent,
        ]),
      column,
    );
  return Object.fromEntries(rows);
}
