import { PrumergeError } from "../errors.js";
import { overlaySvg } from "./figure.js";
import { renderHtml } from "./html.js";
import type { Inspection } from "./inspection.js";
import { inspectionJson } from "./json.js";
import { pictureUri } from "./picture-uri.js";
import { renderPng } from "./png.js";

/** Files that an inspection can be written as; also their names' endings. */
export type InspectionFormat = "png" | "svg" | "html" | "json";

const renderers: Readonly<
  Record<InspectionFormat, (inspection: Inspection) => Promise<Uint8Array | string>>
> = {
  png: renderPng,
  svg: async (inspection) => overlaySvg(inspection, await pictureUri(inspection.picture)),
  html: renderHtml,
  json: async (inspection) => `${JSON.stringify(inspectionJson(inspection))}\n`,
};

/** All formats, in the order in which help texts list them. */
export const inspectionFormats: readonly InspectionFormat[] = ["png", "svg", "html", "json"];

/**
 * The whole file that explains a picture, in the format asked for.
 *
 * @throws PrumergeError INVALID_OPTION for another format
 * @example
 * ```ts
 * await writeFile("kept.html", await renderInspection(createInspection(input), "html"));
 * ```
 */
export async function renderInspection(
  inspection: Inspection,
  format: InspectionFormat,
): Promise<Uint8Array | string> {
  const render = Object.hasOwn(renderers, format) ? renderers[format] : undefined;
  if (render !== undefined) return render(inspection);
  throw new PrumergeError("INVALID_OPTION", "unknown format for an inspection", {
    expected: inspectionFormats.join(", "),
    found: JSON.stringify(format),
  });
}
