import type { Method } from "./method.js";

/** How a model runs a method: inside its vision graph, planned beside it from what the graph shows, or not at all. */
export type MethodSupport = "in-graph" | "planner" | "no";

/**
 * What a model's vision graph does: reduces as it is told, shows its rows, and what methods read of its layers, for plans to mix
 * them, only encodes, or has one reduction built in.
 */
export type VisionKind = "reduces" | "rows" | "encodes" | "baked";

/** Whether a model runs the method at all: where its vision graph only encodes, one that keeps all rows. */
export function runsMethod(method: Method, vision: VisionKind): boolean {
  const shows = vision === "reduces" || vision === "rows";
  return shows || (vision === "encodes" && method.budgets.includes("all"));
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
  if (vision === "encodes") return "in-graph";
  const reducer = method.create({}, method.defaultBudget);
  // Room for every patch: whether so few give the default count is another question.
  const exact = reducer.budget.kind !== "cap" && reducer.budget.kind !== "rule";
  const held = reducer.inGraph?.(patches, { exact, count: patches });
  const there = held === "identity" || (held !== undefined && (programs?.includes(held.name) ?? true));
  return there ? "in-graph" : "planner";
}
