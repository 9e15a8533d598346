import { PrumergeError } from "../errors.js";
import { type PrefillGraph, prefillGraphs } from "../models/language-forms.js";
import { type GraphFiles, integerGraphs, multipliesExactly, nodeRuntime } from "../runtime/index.js";

/** @throws PrumergeError INVALID_OPTION for what is neither a choice nor undefined */
export function checkPrefill(value: unknown): void {
  if (value === undefined || prefillGraphs.includes(value as PrefillGraph)) return;
  throw new PrumergeError("INVALID_OPTION", "prompts cannot be run so", {
    where: "prefill",
    expected: prefillGraphs.join(" or "),
    found: JSON.stringify(value),
  });
}

/**
 * The graphs to open, by what is wished of prompts and by what this processor multiplies exactly.
 *
 * @throws PrumergeError INVALID_OPTION where a graph for prompts is asked for and there is none; UNSUPPORTED_MODEL where another graph than
 * that multiplies whole numbers, and they would come out wrong here
 */
export async function chooseGraphs(
  graphs: GraphFiles,
  wish: PrefillGraph | undefined,
): Promise<{ readonly graphs: GraphFiles; readonly notes: readonly string[] }> {
  const { prefill, ...without } = graphs;
  if (wish === "own" && prefill === undefined) {
    throw new PrumergeError("INVALID_OPTION", "the model folder has no graph of its own for prompts", {
      where: graphs.folder,
      expected: "onnx/decoder_prefill*.onnx",
      found: "prefill own",
      help: "Convert the checkpoint with --prefill-dtype int8, or leave the option out",
    });
  }
  const chosen = wish === "decoder" ? without : graphs;
  const { prompts, others } = integerGraphs(chosen);
  if ((!prompts && others.length === 0) || (await multipliesExactly(nodeRuntime)))
    return { graphs: chosen, notes: [] };
  if (others.length > 0 || wish === "own") {
    throw new PrumergeError("UNSUPPORTED_MODEL", "this processor multiplies whole numbers inexactly", {
      where: others[0] ?? prefill!.path,
      expected: "a processor with VNNI or AMX, or an ARM one",
      help: "Convert the checkpoint with another dtype than int8",
    });
  }
  return {
    graphs: without,
    notes: [
      "Prompts go through the language model's graph for tokens, which is slower: this processor multiplies whole numbers inexactly",
    ],
  };
}
