import { useCallback, useEffect, useState } from "preact/hooks";
import type { Inspection } from "prumerge/drawing";

/** What the reader points at: a visual token by its row, or a patch. */
export type Focus =
  | { readonly kind: "token"; readonly row: number }
  | { readonly kind: "patch"; readonly patch: number };

export interface Pointing {
  /** What is shown: what the pointer is on, else what was pinned. */
  readonly focus: Focus | undefined;
  readonly pinned: Focus | undefined;
  hover(focus: Focus | undefined): void;
  /** Keeps it when the pointer leaves; the same again lets it go. */
  pin(focus: Focus | undefined): void;
}

/** Hovering and pinning over one inspection; both end when it changes. */
export function usePointing(inspection: Inspection | undefined): Pointing {
  const [hovered, hover] = useState<Focus>();
  const [pinned, setPinned] = useState<Focus>();
  useEffect(() => {
    hover(undefined);
    setPinned(undefined);
  }, [inspection]);
  const pin = useCallback(
    (focus: Focus | undefined) => setPinned((before) => (same(before, focus) ? undefined : focus)),
    [],
  );
  return { focus: hovered ?? pinned, pinned, hover, pin };
}

function same(a: Focus | undefined, b: Focus | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The visual token that stands on a patch, -1 for none. */
export function rowOn(inspection: Inspection, patch: number): number {
  return inspection.plan.keptPatches.indexOf(patch);
}
