import { useCallback, useEffect, useState } from "preact/hooks";
import type { Focus, Inspection } from "prumerge/drawing";

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
