import type { z } from "zod";
import type { ModelSpec } from "../models/spec.js";

/** What differs between checkpoint families when a model runs; browsers load it, so nothing of the converter is in it. */
export interface RunFamily<Spec extends ModelSpec = ModelSpec> {
  /** The `family` of its specs. */
  readonly name: Spec["family"];
  /** Of its specs in `prumerge.json`. */
  readonly schema: z.ZodType<Spec>;
}
