import { z } from "zod";
import { PrumergeError } from "../errors.js";
import type { ModelSpec } from "../models/spec.js";
import type { RunFamily } from "./family.js";
import { llava } from "./llava/run.js";
import { llavaNext } from "./llava-next/run.js";
import { llavaOnevision } from "./llava-onevision/run.js";
import { qwen2Vl, qwen3Vl, qwen25Vl } from "./qwen-vl/run.js";
import { smolVlm } from "./smolvlm/run.js";
import { videoLlava } from "./video-llava/run.js";

const families = [llava, videoLlava, llavaNext, llavaOnevision, smolVlm, qwen2Vl, qwen25Vl, qwen3Vl] as const;

/** Every family that runs. */
const runFamilies: readonly RunFamily[] = families;

/** Their names: of each the converter must have its half. */
export type FamilyName = (typeof families)[number]["name"];

/** A spec of any of them, as it stands in `prumerge.json`. */
export const modelSpecSchema: z.ZodType<ModelSpec> = z.discriminatedUnion(
  "family",
  runFamilies.map(({ schema }) => schema) as unknown as [z.core.$ZodTypeDiscriminable],
) as unknown as z.ZodType<ModelSpec>;

/**
 * The family of a spec, or of its name.
 *
 * @param where whose spec, for messages
 * @throws PrumergeError UNSUPPORTED_MODEL for a family that is not known here
 */
export function runFamily({ family }: Pick<ModelSpec, "family">, where?: string): RunFamily {
  const found = runFamilies.find(({ name }) => name === family);
  if (found !== undefined) return found;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a model of a family that is not known here", {
    expected: runFamilies.map(({ name }) => name).join(", "),
    found: JSON.stringify(family) ?? "nothing",
    ...(where !== undefined && { where }),
    help: "Update prumerge, or convert its checkpoint again",
  });
}
