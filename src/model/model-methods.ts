import { runFamily } from "../families/run-registry.js";
import { type ModelSpec, siteCount, squareModel, takesSquares } from "../models/spec.js";
import { type MethodSupport, methodSupport, type VisionKind } from "../reduce/method-support.js";
import type { Reducer } from "../reduce/reducer.js";
import { defaultMethod, defaultRowMethod, methods } from "../reduce/registry.js";
import type { VisionAbility } from "../runtime/engine.js";
import { programsOf } from "../runtime/vision-ability.js";
import { bakedMethod, bakedReduction } from "../see/baked-reduction.js";

/** What a model's vision graph does for methods: its form says it, and what its family shows. */
export function visionKind({ kind }: VisionAbility, spec: ModelSpec): VisionKind {
  return kind === "reduces" && runFamily(spec).sitesAre === "rows" ? "rows" : kind;
}

/** How a model runs each method of the registry, by its name; `baked` is there where its vision graph has that built in. */
export function supportOfMethods(
  vision: VisionAbility,
  spec: ModelSpec,
): Readonly<Record<string, MethodSupport>> {
  const patches = takesSquares(spec.vision) ? siteCount(squareModel(spec)) : 1;
  const kind = visionKind(vision, spec);
  const programs = kind === "rows" ? [] : programsOf(vision);
  return {
    ...(vision.kind === "baked" && { [bakedMethod]: "in-graph" as const }),
    ...Object.fromEntries(
      methods.map((method) => [method.name, methodSupport(method, kind, patches, programs)] as const),
    ),
  };
}

/** What a model sees with where no reducer is given. */
export function usualReducer(vision: VisionAbility, spec: ModelSpec): Reducer {
  if (vision.kind === "baked") return bakedReduction(vision.tokens);
  const kind = visionKind(vision, spec);
  const method = kind === "reduces" ? defaultMethod : defaultRowMethod;
  const reducer = method.create({}, method.defaultBudget);
  // Decoders beside such encoders take rows alone.
  return kind === "encodes" ? (reducer.unbiased ?? reducer) : reducer;
}
