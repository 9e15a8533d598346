import type { Method } from "./method.js";
import { usualNeed } from "./need.js";
import type { Reducer } from "./reducer.js";

/** How a model runs a method: inside its vision graph, planned beside it from what the graph shows, or not at all. */
export type MethodSupport = "in-graph" | "planner" | "no";

/**
 * What a model's vision graph does: reduces as it is told, shows its rows, and what methods read of its layers, for plans to mix
 * them, only encodes, which is to show its rows and nothing else, or has one reduction built in.
 */
export type VisionKind = "reduces" | "rows" | "encodes" | "baked";

/** Whether a model runs the method at all with its default options: where its vision graph only encodes, one that reads none of its layers. */
export function runsMethod(method: Method, vision: VisionKind): boolean {
  if (vision === "baked") return false;
  return vision !== "encodes" || readsRowsAlone(method.create({}, method.defaultBudget));
}

/** Whether a reducer reads nothing of the tower but its rows. */
export function readsRowsAlone({ need = usualNeed, budget }: Reducer): boolean {
  return budget.kind === "all" || (need.layers ?? []).length === 0;
}

/**
 * How a model runs the method with its default options.
 *
 * @param patches N, of one view of a picture; any number where a view may have any size
 * @param programs names of the reductions that its vision graphs hold; left out: all that are known
 * @example
 * ```ts
 * methodSupport(findMethod("prumerge+"), "reduces", 576); // "in-graph"
 * ```
 */
export function methodSupport(
  method: Method,
  vision: VisionKind,
  patches: number,
  programs?: readonly string[],
): MethodSupport {
  if (!runsMethod(method, vision)) return "no";
  const reducer = method.create({}, method.defaultBudget);
  // Room for every patch: whether so few give the default count is another question.
  const exact = reducer.budget.kind !== "cap" && reducer.budget.kind !== "rule";
  const held = reducer.inGraph?.(patches, { exact, count: patches });
  const known = vision === "encodes" ? [] : programs;
  const there = held === "identity" || (held !== undefined && (known?.includes(held.name) ?? true));
  return there ? "in-graph" : "planner";
}
