/** The patch to which a key leads; undefined for keys that lead nowhere. The first key enters at the middle. */
export function moveCursor(
  key: string,
  from: number | undefined,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): number | undefined {
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    PageUp: [-6, 0],
    PageDown: [6, 0],
    Home: [0, -columns],
    End: [0, columns],
  };
  const step = steps[key];
  if (step === undefined) return undefined;
  if (from === undefined) return Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
  const row = clamp(Math.floor(from / columns) + step[0], rows);
  return row * columns + clamp((from % columns) + step[1], columns);
}
