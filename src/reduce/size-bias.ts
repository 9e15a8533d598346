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

/**
 * What the option makes of a reducer.
 *
 * @throws PrumergeError INVALID_OPTION for what is neither true nor false
 */
export function sizeBias(method: string, value: unknown): Pick<Reducer, "rowBias"> {
  return booleanOption(method, "sizeBias", value) ? { rowBias: "size" } : {};
}
