/** Bytes for people: `14.1 GB`, powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  if (bytes < 1000) return `${bytes} bytes`;
  let power = 1;
  // 999.5 would be written as 1000, and that with an exponent.
  while (power < units.length - 1 && bytes / 1000 ** power >= 999.5) power++;
  return `${(bytes / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

/** An exact count with its thousands apart: `18,874,368`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A time of a run: `0.84 ms`, `41 ms`, `2.31 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(2)} s`;
  return milliseconds < 9.95 ? `${milliseconds.toFixed(2)} ms` : `${milliseconds.toFixed(0)} ms`;
}

/** A time to wait: `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
