import { booleanOption } from "./options.js";
import type { Reducer } from "./reducer.js";

/** Option of every method whose rows are made of several patches. */
export interface SizeBiasOption {
  /**
   * Weigh each row in the language model's attention by its mass, the number of patches that it stands for: + ln(mass) on its key,
   * as so many equal rows would have it ({@link rowSizes}). For models whose decoder takes it; any other refuses it by name.
   */
  readonly sizeBias?: boolean;
}

/** For language models whose decoder takes no bias of rows. */
export const withoutSizeBias = { sizeBias: false } as const satisfies SizeBiasOption;

/** @param unbiased its {@link Reducer.unbiased}, which copies with another plan must not take along */
export function withUnbiased(reducer: Reducer, unbiased: Reducer): Reducer {
  return Object.defineProperty(reducer, "unbiased", { value: unbiased });
}

/**
 * What the option makes of a reducer.
 *
 * @throws PrumergeError INVALID_OPTION for what is neither true nor false
 */
export function sizeBias(method: string, value: unknown): Pick<Reducer, "rowBias"> {
  return booleanOption(method, "sizeBias", value) ? { rowBias: "size" } : {};
}
