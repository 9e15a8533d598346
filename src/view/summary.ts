import { insideSites } from "../reduce/sites.js";
import { countRows, type InspectedRow, type Inspection, type RowKind } from "./inspection.js";
import { percent, plural } from "./numbers.js";
import { viewName } from "./patch-place.js";

/** First line of every rendering: `prumerge+: 144 of 576 visual tokens (25 %)`. */
export function headline({ method, statistics }: Inspection): string {
  const { visualTokens, unreducedTokens } = statistics;
  return `${method}: ${visualTokens} of ${unreducedTokens} visual tokens (${percent(visualTokens / unreducedTokens)})`;
}

/**
 * What the patches' attention is called: with a class token it is that token's, without one what a patch receives from all
 * patches on average. Of several views it is told as a multiple of each view's fence.
 */
export function attentionName({ classToken = true, regions }: AttentionKind): string {
  const name = classToken ? "class attention" : "received attention";
  return regions.length > 1 ? `${name} over its view's fence` : name;
}

export type AttentionKind = Pick<Inspection, "classToken" | "regions">;

/** {@link attentionName} as a heading. */
export function attentionTitle(inspection: AttentionKind): string {
  const name = attentionName(inspection);
  return `${name[0].toUpperCase()}${name.slice(1)}`;
}

/** What the visual tokens are, in words, with their counts; leaves out what there is none of. */
export function composition(
  inspection: Inspection,
): readonly { readonly kind: RowKind; readonly text: string }[] {
  const fence = countRows(inspection, "outlier") > 0 ? "it" : "the attention fence";
  const texts: Readonly<Record<RowKind, (count: number) => string>> = {
    outlier: (count) => `${count} above the attention fence`,
    sample: (count) => `${count} below ${fence}`,
    kept: (count) => `${count} kept`,
    global: (count) => `${plural(count, "global token")}: the rest, summed`,
    class: () => "the class token",
  };
  const kinds = ["outlier", "sample", "kept", "global", "class"] as const;
  return kinds.flatMap((kind) => {
    const count = countRows(inspection, kind);
    return count === 0 ? [] : [{ kind, text: texts[kind](count) }];
  });
}

/** Visual tokens of each view, and its patches that show the picture, in words: `tile 2: 18 of 64`; empty where there is one view. */
export function viewCounts(inspection: Inspection): readonly string[] {
  const { regions, rows, picture } = inspection;
  if (regions.length === 1) return [];
  const counts = regions.map(() => 0);
  for (const row of rows) counts[viewOfRow(inspection, row)]! += 1;
  return regions.map((region, view) => {
    const name = viewName(regions, view, picture);
    return `${name}: ${counts[view]} of ${insideSites(region).length}`;
  });
}

/** Number of the view that a visual token is of; one that stands on no patch is of the view that it is made of. */
function viewOfRow({ regions, plan }: Inspection, { keptPatch, sources }: InspectedRow): number {
  const patch = keptPatch >= 0 ? keptPatch : (sources[0]?.patch ?? 0);
  // Behind all patches come the views' class tokens.
  if (patch >= plan.patches) return patch - plan.patches;
  return regions.findLastIndex(({ first }) => first <= patch);
}

/** How tower and plan go together, in words; empty where it is not known. */
export function signsInWords({ signs, rows }: Pick<Inspection, "signs" | "rows">): readonly string[] {
  if (signs === undefined) return [];
  const { classShare, highNorm, mergingAdds } = signs;
  const onPatches = rows.filter(({ keptPatch }) => keptPatch >= 0).length;
  return [
    ...(classShare === undefined ? [] : [`the class token gives ${percent(classShare)} to itself`]),
    `${highNorm.kept} of ${onPatches} kept patches are of high norm (${highNorm.patches} are in the picture)`,
    ...(mergingAdds === undefined ? [] : [`merging changes a patch by ${share(mergingAdds)}`]),
  ];
}

/** A share that may be tiny: `12 %`, `0.003 %`. */
function share(value: number): string {
  return value > 0 && value < 0.001 ? `${Number((100 * value).toPrecision(1))} %` : percent(value);
}
