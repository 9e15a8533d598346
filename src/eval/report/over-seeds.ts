import type { ReportTask, SeedSpread, TaskColumn } from "./report-data.js";

/** Columns that differ in their seed alone, task by task: the mean of their headlines, and how far they lie apart. */
export function seedSpreads(columns: readonly TaskColumn[]): readonly SeedSpread[] {
  return groups(columns).flatMap((group) => {
    if (group.length < 2) return [];
    const of = (value: (one: TaskColumn) => number | undefined) => {
      const values = group.map(value);
      return values.every((one): one is number => one !== undefined) ? spread(values) : undefined;
    };
    const [first] = group;
    return {
      label: first!.column.seedless!.label,
      columns: group.map(({ column }) => column),
      visualTokens: group.reduce((sum, one) => sum + one.visualTokens, 0) / group.length,
      headline: of(({ headline }) => headline.value)!,
      retention: of(({ retention }) => retention?.value),
    };
  });
}

/** A task's columns with those of several seeds as one, their headlines being means. */
export function meanOverSeeds(columns: ReportTask["columns"]): readonly TaskColumn[] {
  return groups(columns).map((group) => {
    const [first] = group;
    if (group.length === 1) return first!;
    const mean = (of: (one: TaskColumn) => number) =>
      group.reduce((sum, one) => sum + of(one), 0) / group.length;
    return {
      ...first!,
      visualTokens: mean((one) => one.visualTokens),
      headline: { ...first!.headline, value: mean((one) => one.headline.value), interval: undefined },
    };
  });
}

/** In the order of their first columns. */
function groups(columns: readonly TaskColumn[]): readonly (readonly TaskColumn[])[] {
  const found = new Map<string, TaskColumn[]>();
  for (const one of columns) {
    const key = one.column.seedless?.key ?? one.column.key;
    found.set(key, [...(found.get(key) ?? []), one]);
  }
  return [...found.values()];
}

function spread(values: readonly number[]) {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return {
    mean,
    deviation: Math.sqrt(squares / (values.length - 1)),
    low: Math.min(...values),
    high: Math.max(...values),
  };
}
