import { PrumergeError } from "../errors.js";
import { noReduction } from "./methods/none.js";
import { pruMerge } from "./methods/prumerge.js";
import { pruMergePlus } from "./methods/prumerge-plus.js";
import { randomSampling } from "./methods/random.js";
import { selectionOnly } from "./methods/selection.js";
import { sequentialSampling } from "./methods/sequential.js";
import { uniformSampling } from "./methods/uniform.js";
import { nearestName } from "./nearest-name.js";
import type { Reducer } from "./reducer.js";

/** One entry of the registry. */
export interface Method {
  readonly name: string;
  /** One line for help texts. */
  readonly description: string;
  /** Whether the method has a rule that finds the count by itself, so that a budget may be left out or be a cap. */
  readonly adaptive: boolean;
  /** Checks the options at run time, whatever their static type. */
  readonly create: (options: Readonly<Record<string, unknown>>) => Reducer;
}

/** Every method, in the order in which help texts and comparisons list them. */
export const methods: readonly Method[] = [
  {
    name: "prumerge",
    description: "class-attention outliers, similar patches merged in, and a global token",
    adaptive: true,
    create: pruMerge,
  },
  {
    name: "prumerge+",
    description: "PruMerge and further patches spread over the picture",
    adaptive: true,
    create: pruMergePlus,
  },
  {
    name: "selection",
    description: "PruMerge's class-attention outliers alone, nothing merged in",
    adaptive: true,
    create: selectionOnly,
  },
  { name: "random", description: "random patches (seeded)", adaptive: false, create: randomSampling },
  {
    name: "uniform",
    description: "patches spread evenly over the picture",
    adaptive: false,
    create: uniformSampling,
  },
  {
    name: "sequential",
    description: "the first patches in raster order",
    adaptive: false,
    create: sequentialSampling,
  },
  {
    name: "none",
    description: "every patch: no reduction",
    adaptive: false,
    create: (options) => noReduction(options as Record<string, never>),
  },
];

/**
 * A reducer by name, for command lines and requests; in code, call {@link pruMerge} and the others directly.
 *
 * @throws PrumergeError UNKNOWN_METHOD with the nearest name, INVALID_OPTION for what the method refuses
 * @example
 * ```ts
 * const reducer = createReducer("prumerge+", { maxTokens: 144 });
 * ```
 */
export function createReducer(name: string, options: Readonly<Record<string, unknown>> = {}): Reducer {
  const method = methods.find((candidate) => candidate.name === name);
  if (method !== undefined) return method.create(options);
  const names = methods.map((candidate) => candidate.name);
  const nearest = nearestName(name, names);
  throw new PrumergeError("UNKNOWN_METHOD", "there is no such method", {
    expected: `one of ${names.join(", ")}`,
    found: JSON.stringify(name),
    ...(nearest !== undefined && { help: `Did you mean "${nearest}"?` }),
  });
}
