import { type ErrorCode, PrumergeError } from "../../errors.js";
import type { LoadedModel } from "../../model/model.js";
import { smallestSide } from "../../models/spec.js";
import { noReduction } from "../../reduce/methods/none.js";

/** What a question or its picture can be to blame for; the rest is the run's affair. */
const ofTheQuestion: readonly ErrorCode[] = [
  "INVALID_IMAGE",
  "INVALID_VIDEO",
  "INVALID_TENSOR",
  "LIMIT_EXCEEDED",
  "CONTEXT_EXCEEDED",
  "RUNTIME",
];

/**
 * A failure as a journal records it.
 *
 * @throws the error itself where it is no question's fault: options that the model refuses, a file that has gone, a bug
 */
export function failureOf(error: unknown) {
  if (!PrumergeError.isInstance(error) || !ofTheQuestion.includes(error.code)) throw error;
  return { kind: "failure" as const, code: error.code as string, message: error.message };
}

/**
 * After a failure of ONNX Runtime, finds out whether the model still sees and answers: only then the question is to blame.
 *
 * @throws the error where it does not, so that the run ends and can go on later
 */
export async function refuseBrokenModel(model: LoadedModel, error: unknown): Promise<void> {
  if (!PrumergeError.isInstance(error) || error.code !== "RUNTIME") return;
  const side = smallestSide(model.spec.vision);
  const picture = { width: side, height: side };
  const rectangle = { x: 0, y: 0, ...picture };
  const view = { data: new Float32Array(3 * side * side), ...picture, rectangle, frame: 0 };
  try {
    const seen = await model.see({ views: [view], picture }, noReduction());
    await model.answer(seen, "?", { maxNewTokens: 1, reusePrefix: false }).result;
  } catch {
    throw error;
  }
}
