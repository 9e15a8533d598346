import type { ErrorCode } from "../errors.js";
import { PrumergeError } from "../errors.js";

/** What is wrong with what was handed in, and not with how the work went. */
const inputErrors: readonly ErrorCode[] = [
  "INVALID_OPTION",
  "UNKNOWN_METHOD",
  "NO_LABELS",
  "INVALID_FILE",
  "INVALID_IMAGE",
  "INVALID_VIDEO",
  "INVALID_TENSOR",
  "NOT_FOUND",
  "LIMIT_EXCEEDED",
  "UNSAFE_PATH",
  "UNSUPPORTED_MODEL",
];

/** An error that ends a command with the exit status of wrong input, whatever its code is elsewhere. */
export class WrongInput extends Error {
  override readonly name = "WrongInput";

  constructor(readonly error: PrumergeError) {
    super(error.message, { cause: error });
  }
}

/** The work, in which refusals of files end the command with exit status 2, as those of options do everywhere. */
export async function refusingInput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw PrumergeError.isInstance(error) && inputErrors.includes(error.code) ? new WrongInput(error) : error;
  }
}
