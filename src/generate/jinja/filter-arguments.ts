import type { Value } from "./values.js";

/** A filter's arguments, as the template gives them. What a filter does not take is refused, not passed over. */
export class FilterArguments {
  readonly #positional: readonly Value[];
  readonly #named: ReadonlyMap<string, Value>;
  readonly #taken = new Set<number | string>();

  constructor(positional: readonly Value[] = [], named: ReadonlyMap<string, Value> = new Map()) {
    this.#positional = positional;
    this.#named = named;
  }

  /** One argument by its place or its name. */
  take(at: number, name: string): Value | undefined {
    this.#taken.add(at).add(name);
    return this.#positional[at] ?? this.#named.get(name);
  }

  /** All arguments from a place on. */
  rest(from: number): readonly Value[] {
    const rest = this.#positional.slice(from);
    for (const i of rest.keys()) this.#taken.add(from + i);
    return rest;
  }

  /** @throws Error for arguments that nobody took */
  refuseOthers(filter: string): void {
    const others = [...this.#positional.keys(), ...this.#named.keys()].filter((key) => !this.#taken.has(key));
    if (others.length === 0) return;
    const names = others.map((key) => (typeof key === "number" ? `argument ${key + 1}` : key));
    throw new Error(`the filter ${filter} is not known with ${names.join(", ")}`);
  }
}
