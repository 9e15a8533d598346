import type { ReductionBuilder } from "./builder.js";
import { coverReduction } from "./cover.js";
import { prumergeReduction } from "./index.js";

/** The graphs of the reductions that vision graphs hold, as `programs.ts` lists them. */
export const builders: readonly [ReductionBuilder, ...ReductionBuilder[]] = [
  prumergeReduction,
  coverReduction,
];
