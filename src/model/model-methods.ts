import { type ModelSpec, siteCount } from "../models/spec.js";
import { type MethodSupport, methodSupport } from "../reduce/method-support.js";
import { methods } from "../reduce/registry.js";
import type { VisionAbility } from "../runtime/engine.js";
import { programsOf } from "../runtime/vision-ability.js";
import { bakedMethod } from "../see/baked-reduction.js";

/** How a model runs each method of the registry, by its name; `baked` is there where its vision graph has that built in. */
export function supportOfMethods(
  vision: VisionAbility,
  spec: ModelSpec,
): Readonly<Record<string, MethodSupport>> {
  const patches = siteCount(spec);
  const programs = programsOf(vision);
  return {
    ...(vision.kind === "baked" && { [bakedMethod]: "in-graph" as const }),
    ...Object.fromEntries(
      methods.map((method) => [method.name, methodSupport(method, vision.kind, patches, programs)] as const),
    ),
  };
}
