/**
 * Reduction without a model: methods, plans, budgets, sites and signals.
 *
 * @module prumerge/reduce
 */
export { type ErrorCode, type ErrorDetails, PrumergeError } from "../errors.js";
export type { Matrix } from "../tensor/matrix.js";
export { acrossFrames } from "./across-frames.js";
export { applyPlan, densePlan } from "./apply-plan.js";
export type { Arrangement } from "./arrangement.js";
export { type Budget, type BudgetOptions, readBudget, spellBudget, splitBudget } from "./budget.js";
export { budgetForms, formatBudget, parseBudget } from "./budget-text.js";
export { checkPlan } from "./check-plan.js";
export { checkSignals } from "./check-signals.js";
export { type ClassAttentionOptions, classAttention } from "./class-attention.js";
export type { GraphProgram, GraphReduction } from "./graph-program.js";
export { type MergeOptions, mergePlan } from "./merging.js";
export type { Method } from "./method.js";
export { type MethodSupport, methodSupport, type VisionKind } from "./method-support.js";
export { type CdPrunerOptions, cdPruner } from "./methods/cdpruner.js";
export { type CoverOptions, cover } from "./methods/cover.js";
export { divPrune } from "./methods/divprune.js";
export { type DyCokeOptions, dyCoke } from "./methods/dycoke.js";
export { type HiPruneOptions, hiPrune } from "./methods/hiprune.js";
export { noReduction } from "./methods/none.js";
export { type OpenVinoPruningOptions, openVinoPruning } from "./methods/openvino.js";
export { type GridPoolingOptions, gridPooling } from "./methods/pool.js";
export { pruMerge } from "./methods/prumerge.js";
export { pruMergePlus } from "./methods/prumerge-plus.js";
export { type PruneVidOptions, pruneVid } from "./methods/prunevid.js";
export { type RandomSamplingOptions, randomSampling } from "./methods/random.js";
export { type ScopeOptions, scope } from "./methods/scope.js";
export { type SelectionOptions, selectionOnly } from "./methods/selection.js";
export { sequentialSampling } from "./methods/sequential.js";
export { smallerPicture } from "./methods/smaller-picture.js";
export { type TokenMergingOptions, tokenMerging } from "./methods/tome.js";
export { type UniformSamplingOptions, uniformSampling } from "./methods/uniform.js";
export { type VisionZipOptions, visionZip } from "./methods/visionzip.js";
export { earlierLayers, type Need, readsQuestion } from "./need.js";
export type { Similarity } from "./neighbours.js";
export { oneHotPlan } from "./one-hot.js";
export { type OutlierRule, outlierRule, pooledOutlierRatio } from "./outliers.js";
export { type MergePlan, planRows } from "./plan.js";
export { planSites } from "./plan-sites.js";
export type { PruMergeOptions } from "./prumerge-reducer.js";
export type { Reducer, RowRoom } from "./reducer.js";
export { createReducer, defaultMethod, findMethod, methods, reducerOf, takesCount } from "./registry.js";
export { questionRelevance } from "./relevance.js";
export { rowRoom, shareRows } from "./row-room.js";
export { rowSizes } from "./row-sizes.js";
export type { SamplingBudget } from "./sampling-reducer.js";
export { type SelectionSettings, selectPatches } from "./selection.js";
export { type EarlierLayer, earlierLayer, type Signals } from "./signals.js";
export {
  type Grid,
  type GridPart,
  insideOf,
  insideSites,
  oneRegion,
  type Rectangle,
  type Region,
  type Sites,
} from "./sites.js";
export { type PatchTrace, type PlanTrace, type RowTrace, tracePlan } from "./trace.js";
export { isUnknownPlan } from "./unknown-plan.js";
export { wordRelevance } from "./word-relevance.js";
