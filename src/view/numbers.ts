/** A share in percent for people: whole, but with one decimal below ten. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value < 9.95 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}

/** Small weights for people: three significant digits. */
export function weight(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Bytes for people, in powers of 1024. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 1024 ** power;
  return `${power > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** `1 patch`, `2 patches`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
