import { PrumergeError } from "../errors.js";

// Caps on what a checkpoint file may claim before memory is spent on it. The largest LLaVA models have about 1500
// tensors with names of about 80 characters and at most 4 dimensions.
export const tensorCountLimit = 100_000;
export const dimensionLimit = 8;
const nameLimit = 512;

/**
 * Refuses tensor names that no model has and that could do harm where a name becomes a path or is printed.
 *
 * @throws PrumergeError `UNSAFE_PATH` or `LIMIT_EXCEEDED`.
 */
export function checkTensorName(name: string, file: string): void {
  if (name.length === 0 || name.length > nameLimit) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a tensor name of unlikely length", {
      where: file,
      expected: `1 to ${nameLimit} characters`,
      found: `${name.length}`,
    });
  }
  if (name.split(/[\\/]/).includes("..") || /^[\\/]|^[a-z]:[\\/]|\p{Cc}/iu.test(name)) {
    throw new PrumergeError("UNSAFE_PATH", "a tensor name that leaves its file", {
      where: file,
      found: JSON.stringify(name),
    });
  }
}
