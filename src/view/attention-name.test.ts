import { describe, expect, it } from "vitest";
import { inspectionInput as input, plan, signals } from "../../test/support/inspected.js";
import { oneRegion } from "../reduce/sites.js";
import { overlaySvg } from "./figure.js";
import { renderHtml } from "./html.js";
import { inspectTokens } from "./inspect-tokens.js";
import { createInspection, type InspectionInput } from "./inspection.js";
import { renderText } from "./text.js";

/** Everything that is read of an inspection, by where it is read. */
async function texts(change: Partial<InspectionInput>): Promise<Readonly<Record<string, string>>> {
  const inspection = createInspection({ ...input, ...change });
  return {
    terminal: renderText(inspection),
    page: await renderHtml(inspection),
    histogram: overlaySvg(inspection, undefined),
    heat: overlaySvg(inspection, undefined, { layer: "attention" }),
  };
}

describe("the patches' attention", () => {
  it("is called class attention where the tower has a class token, as where nothing is said", async () => {
    const named = await texts({ classToken: true });
    for (const text of Object.values(named)) {
      expect(text).toMatch(/class attention/i);
      expect(text).not.toMatch(/received attention/i);
    }
    expect(await texts({})).toEqual(named);
  });

  it("is called received attention where it has none, everywhere", async () => {
    const [named, others] = [await texts({ classToken: false }), await texts({})];
    for (const [where, text] of Object.entries(named)) {
      expect(text).not.toMatch(/class attention/i);
      expect(text.match(/received attention/gi)?.length).toBe(
        others[where]!.match(/class attention/gi)!.length,
      );
    }
    // Heading, caption, the legend of its heat, and what the script says of a patch.
    expect(named.page!.match(/received attention/gi)).toHaveLength(4);
  });

  it("knows which it is from the signals", () => {
    const { plan: _, picture, grid, view, method, options, statistics } = input;
    const seen = { plan, sites: oneRegion(grid, view), statistics: { ...statistics, method, options } };
    const without = {
      ...signals,
      keys: { ...signals.keys, rows: 576, data: signals.keys.data.subarray(signals.keys.columns) },
      queries: { ...signals.keys, rows: 576, data: signals.keys.data.subarray(signals.keys.columns) },
      classToken: false,
    };
    expect(inspectTokens(picture, { ...seen, signals: [signals] }).classToken).toBe(true);
    expect(inspectTokens(picture, { ...seen, signals: [without] }).classToken).toBe(false);
  });
});
