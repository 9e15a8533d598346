import type { MethodInfo, ModelInfo, Reduction } from "../backend/model-backend.js";

/**
 * A method's options where nobody has chosen any: its own defaults, but for what the language model does not take and would refuse.
 */
export function fitOptions(
  { sizeBias }: Pick<MethodInfo, "sizeBias">,
  { rowBias }: Pick<ModelInfo, "rowBias">,
): Reduction["options"] {
  return sizeBias === true && !rowBias ? { sizeBias: false } : {};
}
