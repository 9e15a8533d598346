/** What is guarded: a ratio of two times of one run, or a count that no noise moves. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly kind: "ratio" | "count";
  /** What is over what. */
  readonly notes: string;
}

/** Values that are known to be right, by the figures' names. */
export type Stored = Readonly<Record<string, number>>;

/** How many times its stored value a figure may be: of ratios what noise does not explain, of counts what rounding and another processor's graph do not. */
export const limits: Readonly<Record<Figure["kind"], number>> = { ratio: 1.5, count: 1.05 };

/** One line for each figure that is beyond its limit, has no stored value, or is no number, and for each stored one that was not measured. */
export function offences(figures: readonly Figure[], stored: Stored): string[] {
  const wrong = figures.flatMap(({ name, value, kind }) => {
    const known = stored[name];
    if (known === undefined) return [`${name}: nothing is stored of it`];
    const most = known * limits[kind];
    if (value <= most) return [];
    return [
      `${name}: ${value.toPrecision(4)}, at most ${most.toPrecision(4)} (${limits[kind]} times the stored ${known.toPrecision(4)})`,
    ];
  });
  const measured = new Set(figures.map(({ name }) => name));
  const missing = Object.keys(stored).filter((name) => !measured.has(name));
  return [...wrong, ...missing.map((name) => `${name}: was not measured`)];
}
