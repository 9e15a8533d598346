/**
 * What visual tokens cost: a roofline of vision tower, reduction, prefill and decode.
 *
 * @module prumerge/cost
 */
export { type CostComparison, type CostQuestion, compareCosts, usualCounts } from "./comparison.js";
export {
  type CostEstimate,
  type CostRequest,
  estimateCost,
  type MemoryEstimate,
} from "./estimate.js";
export {
  type LanguageGeometry,
  type ModelGeometry,
  type NativeVisionGeometry,
  patchCount,
  presets,
  type VisionGeometry,
} from "./geometry.js";
export {
  findHardware,
  type Hardware,
  hardwareTable,
  type NumberFormat,
  numberFormats,
  type Precision,
} from "./hardware.js";
export type { Attention } from "./language-operations.js";
export type { Bound, StageCost } from "./operation.js";
export { type PaperColumns, type PaperRow, paperTable, paperTokens } from "./paper-table.js";
export { costPlot } from "./plot.js";
export type { ShownPicture } from "./shown-picture.js";
