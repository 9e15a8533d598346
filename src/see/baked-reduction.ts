import { PrumergeError } from "../errors.js";
import { type ModelSpec, patchCount, takesSquares } from "../models/spec.js";
import type { Reducer } from "../reduce/reducer.js";

/**
 * Visual tokens of an encoder with a reduction baked in, as its folder's processor_config.json promises them to programs
 * that emit a fixed number of placeholders (`num_additional_image_tokens` = count - patches).
 *
 * @returns undefined without a reduction: other exporters write -1, 0 or 1 there, for a class token
 */
export function bakedTokensOf(
  processor: Readonly<Record<string, unknown>> | undefined,
  spec: ModelSpec,
): number | undefined {
  const additional = processor?.num_additional_image_tokens;
  if (!takesSquares(spec.vision)) return undefined;
  const patches = patchCount(spec.vision);
  const reduces = Number.isSafeInteger(additional) && (additional as number) < -1;
  return reduces && patches + (additional as number) >= 1 ? patches + (additional as number) : undefined;
}

/** What a reduction is called that a vision graph has built in. */
export const bakedMethod = "baked";

/** The only reducer of a model whose vision graph has one baked in; on any other model it is refused. */
export function bakedReduction(tokens: number): Reducer {
  return {
    method: bakedMethod,
    budget: { kind: "exact", rows: tokens },
    options: { tokens },
    plan() {
      throw new PrumergeError("INVALID_OPTION", "this reduction belongs to another model's vision graph", {
        found: bakedMethod,
        help: "Choose a method, for example pruMergePlus()",
      });
    },
  };
}

/** Refuses a reducer that was asked for where the vision graph has made the choice. */
export function refuseOtherReduction(reducer: Reducer, tokens: number, folder: string): never {
  throw new PrumergeError("INVALID_OPTION", "this model's vision graph has its reduction baked in", {
    where: folder,
    expected: `no method and no count: it always gives ${tokens} visual tokens`,
    found: `method ${reducer.method}`,
    help: "Leave both out, or convert the checkpoint with prumerge convert to choose them",
  });
}
