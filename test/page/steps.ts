import type { Page } from "playwright-core";

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
  await page
    .locator(".turn")
    .nth(turns - 1)
    .waitFor();
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor({ timeout: 200_000 });
}

/** The numbers below an answer, by their names. */
export async function numbersOf(page: Page, answer: string): Promise<Record<string, string>> {
  const rows = page
    .locator(".turn")
    .last()
    .locator(".answer", { hasText: answer })
    .locator(".numbers dl > div");
  const texts = await rows.evaluateAll((all) =>
    all.map((row) => [row.querySelector("dt")!.textContent, row.querySelector(".number")!.textContent]),
  );
  return Object.fromEntries(texts);
}
