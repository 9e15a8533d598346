import { PrumergeError } from "../errors.js";

/** Refuses an option; `where` is the method or function, e.g. `prumerge+`. */
export function refuseOption(where: string, option: string, expected: string, found: unknown): never {
  throw new PrumergeError("INVALID_OPTION", `option "${option}" is out of range`, {
    expected,
    found: typeof found === "string" ? JSON.stringify(found) : String(found),
    where,
  });
}

export function integerOption(
  where: string,
  option: string,
  value: unknown,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum) {
    return value as number;
  }
  const range =
    maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  return refuseOption(where, option, `an integer ${range}`, value);
}

export function booleanOption(where: string, option: string, value: unknown): boolean {
  return typeof value === "boolean" ? value : refuseOption(where, option, "true or false", value);
}

export function choiceOption<Choice extends string>(
  where: string,
  option: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  return found ?? refuseOption(where, option, `one of ${choices.join(", ")}`, value);
}

/** Refuses what is no object at all. */
export function requireOptions(where: string, options: unknown): void {
  if (typeof options === "object" && options !== null) return;
  throw new PrumergeError("INVALID_OPTION", "options of a wrong kind", {
    expected: "an object",
    found: String(options),
    where,
  });
}

/** Refuses names that a method does not know, so that a misspelt option is never silently without effect. */
export function refuseUnknownOptions(where: string, options: object, known: readonly string[]): void {
  requireOptions(where, options);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new PrumergeError("INVALID_OPTION", `there is no option "${name}"`, {
      expected: known.length === 0 ? "no options" : known.join(", "),
      where,
    });
  }
}

/** Options over defaults; an option that is present but undefined counts as left out. */
export function withDefaults<Defaults extends object>(defaults: Defaults, options: object): Defaults {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
