/** Milliseconds, as seconds from one second on. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(milliseconds < 9950 ? 2 : 1)} s`;
  return `${Math.round(milliseconds)} ms`;
}
