import type { ReductionProgram } from "./program.js";
import { prumergeProgram } from "./prumerge-program.js";

/** Every reduction that our vision graphs hold; the first is in `vision*.onnx`. */
export const programs: readonly [ReductionProgram, ...ReductionProgram[]] = [prumergeProgram];
