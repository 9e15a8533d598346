import { countRows, type Inspection, type RowKind } from "./inspection.js";
import { percent, plural } from "./numbers.js";

/** First line of every rendering: `prumerge+: 144 of 576 visual tokens (25 %)`. */
export function headline({ method, statistics }: Inspection): string {
  const { visualTokens, unreducedTokens } = statistics;
  return `${method}: ${visualTokens} of ${unreducedTokens} visual tokens (${percent(visualTokens / unreducedTokens)})`;
}

/**
 * What the patches' attention is called: with a class token it is that token's, without one what a patch receives from all
 * patches on average.
 */
export function attentionName({
  classToken = true,
}: Pick<Inspection, "classToken">): "class attention" | "received attention" {
  return classToken ? "class attention" : "received attention";
}

/** {@link attentionName} as a heading. */
export function attentionTitle(inspection: Pick<Inspection, "classToken">): string {
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
