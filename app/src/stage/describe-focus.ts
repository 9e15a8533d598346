import { attentionName, type Inspection, patchPlace, plural, viewName, weight } from "prumerge/drawing";
import type { Focus } from "../state/focus.js";

/** What the reader points at, in one sentence. */
export function describeFocus(inspection: Inspection, focus: Focus): string {
  return focus.kind === "token"
    ? describeToken(inspection, focus.row)
    : describePatch(inspection, focus.patch);
}

/** `row 5, column 12`, counted from 1, and of which view where there are several. */
export function placeOf({ regions, picture }: Inspection, patch: number): string {
  const { view, row, column } = patchPlace(regions, patch);
  const name = viewName(regions, view, picture);
  return `row ${row + 1}, column ${column + 1}${name === "" ? "" : ` of ${name}`}`;
}

/** Why a visual token is there. */
export function reasonOf(inspection: Inspection, row: number): string {
  const { kind, attention } = inspection.rows[row]!;
  const attended = attention === undefined ? "" : `${attentionName(inspection)} ${weight(attention)}`;
  if (kind === "outlier") return `${attended}, above the fence`;
  if (kind === "global") return "the global token: everything that no other token holds, summed";
  if (kind === "class") return "the class token";
  return attended === "" ? "kept" : `${attended}, below the fence`;
}

function describeToken(inspection: Inspection, row: number): string {
  const { keptPatch, sources } = inspection.rows[row]!;
  const others = sources.filter(({ patch }) => patch !== keptPatch).length;
  const place = keptPatch < 0 ? "" : ` stands on the patch at ${placeOf(inspection, keptPatch)}`;
  return `Visual token ${row + 1}${place}: ${reasonOf(inspection, row)}. ${plural(others, "other patch", "other patches")} merged in.`;
}

/** Where a patch went. */
export function describePatch(
  inspection: Inspection,
  patch: number,
  place = `The patch at ${placeOf(inspection, patch)}`,
): string {
  const rows = inspection.patchRows[patch]!;
  if (rows.length === 0) return `${place} was left out.`;
  const tokens = rows.map(({ row }) =>
    inspection.rows[row]!.keptPatch < 0 ? "the global token" : String(row + 1),
  );
  return `${place} was not kept; it went into ${rows.length === 1 ? "visual token" : "visual tokens"} ${tokens.join(", ")}.`;
}
