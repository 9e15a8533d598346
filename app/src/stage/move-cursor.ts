import { patchesBeside, regionAt, type Stage, shownSites } from "prumerge/drawing";

/**
 * The patch to which a key leads; undefined for keys that lead nowhere. Arrows go on into the next panel, where there are several;
 * the others stay in the patch's own view. The first key enters at the middle.
 */
export function moveCursor(key: string, from: number | undefined, stage: Stage): number | undefined {
  const steps: Readonly<Record<string, readonly [right: number, down: number, most: number]>> = {
    ArrowLeft: [-1, 0, 1],
    ArrowRight: [1, 0, 1],
    ArrowUp: [0, -1, 1],
    ArrowDown: [0, 1, 1],
    PageUp: [0, -1, 6],
    PageDown: [0, 1, 6],
    Home: [-1, 0, Number.POSITIVE_INFINITY],
    End: [1, 0, Number.POSITIVE_INFINITY],
  };
  const step = steps[key];
  if (step === undefined) return undefined;
  if (from === undefined) return middleOf(stage);
  const [right, down, most] = step;
  const way = patchesBeside(stage, from, [right, down]);
  const own = regionAt(stage, from);
  const within = most === 1 ? way : way.filter((patch) => regionAt(stage, patch) === own);
  return within[Math.min(most, within.length) - 1] ?? from;
}

/** The middle patch of the first view that shows some. */
function middleOf(stage: Stage): number {
  const { region } = regionAt(stage, shownSites(stage)[0]!);
  return region.first + Math.floor(region.rows / 2) * region.columns + Math.floor(region.columns / 2);
}
