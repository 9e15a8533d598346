import { basename } from "node:path";
import { formatBudget, methods } from "../../reduce/index.js";
import { meetsBudget } from "../run/met-budget.js";
import type { Configuration, Run } from "../run/run-folder.js";

/** One way of answering that a report compares: a model with a method at a budget. */
export interface Column {
  readonly key: string;
  /**
   * `prumerge+ 64`, `prumerge adaptive`, `unreduced`; with the model's name where there are several. Where pictures had other counts than
   * the budget says, these: `prumerge+ 72 (asked for 64)`. Rows that are not one after another say so, and options
   * that were asked for: `cover sizeBias false original positions 64`.
   */
  readonly label: string;
  /** What one line of a figure joins: the method, with the model's name where there are several. */
  readonly series: string;
  readonly configuration: Configuration;
  /** What the column has in common with those of other seeds; undefined where it names none. */
  readonly seedless: { readonly key: string; readonly label: string } | undefined;
  /** Visual tokens of every picture, where all have one number and it is no choice of the method's. */
  readonly exact: number | undefined;
  /** Whether every picture had what the budget says. */
  readonly isMet: boolean;
  /** The model's name on the command line. */
  readonly model: string;
  /** Columns of one variant have the model, its files and everything but method and budget in common. */
  readonly variant: string;
}

/** Methods that no result goes without. */
export const baselines: readonly string[] = methods
  .filter(({ baseline }) => baseline)
  .map(({ name }) => name);

/** Whether a column is the model as it is. */
export function isUnreduced({ configuration: { budget } }: Pick<Column, "configuration">): boolean {
  return budget.kind === "all";
}

/** Same key, same way of answering, in whichever run. */
export function columnKey(run: Run, { method, budget, options, positions, module }: Configuration): string {
  return JSON.stringify([variantOf(run), method, budget, options, positions, module?.sha256]);
}

/** What columns are compared within: the model's files, the prompt and the generation. */
export function variantOf({ model, prompt, generation }: Run): string {
  return JSON.stringify([model.hash, prompt, generation]);
}

/**
 * Every column once: unreduced first, then methods as the registry has them, larger budgets first.
 *
 * @param counts of visual tokens that pictures had, by column's key
 */
export function labelColumns(
  found: readonly { readonly run: Run; readonly configuration: Configuration }[],
  counts: ReadonlyMap<string, ReadonlySet<number>>,
): ReadonlyMap<string, Column> {
  const variants = new Map(found.map(({ run }) => [variantOf(run), basename(run.model.name)]));
  const columns = new Map<string, Column>();
  const sorted = [...found].sort(
    (a, b) => rank(a.configuration) - rank(b.configuration) || size(b.configuration) - size(a.configuration),
  );
  for (const { run, configuration } of sorted) {
    const variant = variantOf(run);
    const model = variants.size > 1 ? `${variants.get(variant)}: ` : "";
    const series = model + (isUnreduced({ configuration }) ? "unreduced" : methodWords(configuration));
    const key = columnKey(run, configuration);
    const seen = [...(counts.get(key) ?? [])].sort((a, b) => a - b);
    columns.set(key, {
      key,
      label: [series, seedWords(configuration), budgetWords(configuration, seen)]
        .filter((word) => word !== "")
        .join(" "),
      series,
      configuration,
      seedless: seedlessOf(run, configuration, [series, budgetWords(configuration, seen)].join(" ")),
      exact: exactCount(configuration, seen),
      isMet: seen.every((count) => meetsBudget(configuration, count)),
      model: run.model.name,
      variant,
    });
  }
  return columns;
}

function methodWords({ method, positions, asked = {} }: Configuration): string {
  const options = Object.entries(asked)
    .filter(([name]) => name !== seedName)
    .map(([name, value]) => `${name} ${value}`);
  return [method, ...options, ...(positions === undefined ? [] : [`${positions} positions`])].join(" ");
}

const seedName = "seed";

function seedWords({ asked }: Configuration): string {
  return asked?.[seedName] === undefined ? "" : `${seedName} ${asked[seedName]}`;
}

function seedlessOf(run: Run, configuration: Configuration, label: string): Column["seedless"] {
  if (configuration.asked?.[seedName] === undefined) return undefined;
  const { [seedName]: _, ...options } = configuration.options;
  return { key: columnKey(run, { ...configuration, options }), label };
}

/** `64`, `25%`, `adaptive`, `adaptive up to 144`; nothing for the unreduced model. A budget that was not met is not the name. */
function budgetWords(configuration: Configuration, seen: readonly number[]): string {
  const { budget } = configuration;
  if (budget.kind === "all") return "";
  const asked = budget.kind === "cap" ? `adaptive up to ${budget.rows}` : formatBudget(budget);
  if (seen.every((count) => meetsBudget(configuration, count))) return asked;
  const [least, most] = [seen[0], seen.at(-1)!];
  return `${least === most ? least : `${least} to ${most}`} (asked for ${asked})`;
}

function exactCount({ budget }: Configuration, seen: readonly number[]): number | undefined {
  if (budget.kind !== "exact" && budget.kind !== "share") return undefined;
  if (seen.length === 0) return budget.kind === "exact" ? budget.rows : undefined;
  return seen.length === 1 ? seen[0] : undefined;
}

function rank(configuration: Configuration): number {
  const { method } = configuration;
  if (isUnreduced({ configuration })) return -1;
  const at = methods.findIndex(({ name }) => name === method);
  return at < 0 ? methods.length : at + (baselines.includes(method) ? methods.length : 0);
}

/** Larger first: counts, shares, rules. */
function size({ budget }: Configuration): number {
  switch (budget.kind) {
    case "all":
      return Number.POSITIVE_INFINITY;
    case "exact":
      return budget.rows;
    case "share":
      return budget.ratio;
    case "rule":
      return -1;
    case "cap":
      return -2;
  }
}
