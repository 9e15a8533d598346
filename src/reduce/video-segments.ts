/** Frames from `first` on that show one scene. */
export interface Segment {
  readonly first: number;
  readonly length: number;
}

/**
 * Segments out of what cluster each frame is in: of a cluster the longest runs stay, where they are longer than one frame; every other
 * frame goes to the longer of the runs beside it, the one before where they are equally long.
 *
 * @param clusters per frame, in the order of time
 */
export function videoSegments(clusters: ArrayLike<number>): Segment[] {
  const runs = runsOf(Array.from(clusters));
  const longest = new Map<number, number>();
  for (const { label, length } of runs) longest.set(label, Math.max(longest.get(label) ?? 0, length));
  const open = -1;
  const labels = runs.flatMap(({ label, length }) =>
    Array<number>(length).fill(length > 1 && length === longest.get(label) ? label : open),
  );
  // What was settled before counts as a neighbour of what comes after.
  for (let from = 0; from < labels.length; ) {
    const all = runsOf(labels);
    const at = all.findIndex((run) => run.first >= from && run.label === open);
    if (at < 0) break;
    const { first, length } = all[at]!;
    const [before, after] = [all[at - 1], all[at + 1]];
    const chosen = (after?.length ?? 0) > (before?.length ?? 0) ? after : (before ?? after);
    labels.fill(chosen?.label ?? 0, first, first + length);
    from = first + length;
  }
  return runsOf(labels).map(({ first, length }) => ({ first, length }));
}

interface Run extends Segment {
  readonly label: number;
}

function runsOf(labels: readonly number[]): Run[] {
  const starts = Array.from(labels.keys()).filter((at) => at === 0 || labels[at] !== labels[at - 1]);
  return starts.map((first, at) => ({
    first,
    length: (starts[at + 1] ?? labels.length) - first,
    label: labels[first]!,
  }));
}
