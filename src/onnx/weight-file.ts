import { PrumergeError } from "../errors.js";

/** A tensor's place inside an external data file; offsets and lengths in bytes. */
export interface Placement<Recipe> {
  readonly key: string;
  readonly offset: number;
  readonly byteLength: number;
  /** How the bytes come about; opaque here, carried out by whoever writes the file. */
  readonly recipe: Recipe;
}

/** ONNX Runtime maps external data where offsets are aligned. */
const alignment = 64;

/**
 * The layout of one external data file that several graphs may share: the first graph to name a key places it, the
 * others get the same place. Nothing is held but the plan, so a 13 GB model is laid out in kilobytes.
 */
export class WeightFile<Recipe = unknown> {
  readonly #placements = new Map<string, Placement<Recipe>>();
  #end: number;

  /**
   * @param location file name written into the graphs, relative to their folder
   * @param start first free byte, where others have laid out what lies before it; default 0
   */
  constructor(
    readonly location: string,
    start = 0,
  ) {
    this.#end = start;
    if (location === "" || /[/\\]/.test(location) || location === "..") {
      throw new PrumergeError("UNSAFE_PATH", "external data lies beside its graph", {
        expected: "a bare file name",
        found: JSON.stringify(location),
      });
    }
  }

  place(key: string, byteLength: number, recipe: Recipe): Placement<Recipe> {
    const known = this.#placements.get(key);
    if (known !== undefined) {
      if (known.byteLength !== byteLength) {
        throw new PrumergeError("INVALID_TENSOR", "one weight was placed with two sizes", {
          expected: `${known.byteLength} bytes`,
          found: `${byteLength} bytes`,
          where: key,
        });
      }
      return known;
    }
    const offset = Math.ceil(this.#end / alignment) * alignment;
    const placement = { key, offset, byteLength, recipe };
    this.#placements.set(key, placement);
    this.#end = offset + byteLength;
    return placement;
  }

  get placements(): readonly Placement<Recipe>[] {
    return [...this.#placements.values()];
  }

  /** Size of the file in bytes. */
  get byteLength(): number {
    return this.#end;
  }
}
