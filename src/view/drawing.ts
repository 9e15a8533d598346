/**
 * What a merge plan keeps and merges, as data and SVG: the part of `prumerge/view` that needs no package and no Node, for
 * pages that draw it themselves.
 *
 * @module prumerge/drawing
 */

export { cellWidth, createStage } from "./create-stage.js";
export { type FigureOptions, type Layer, overlaySvg } from "./figure.js";
export { type Film, type FilmFrame, inspectVideo, type SeenVideo } from "./film/film.js";
export { type Bin, histogram } from "./histogram.js";
export type { HistogramScale } from "./histogram-figure.js";
export { inspectTokens, type SeenTokens } from "./inspect-tokens.js";
export {
  createInspection,
  type InspectedRow,
  type Inspection,
  type InspectionInput,
  type InspectionStatistics,
  type RowKind,
} from "./inspection.js";
export { legendHtml } from "./live/legend.js";
export { type LiveStage, liveStage, type StageListener } from "./live/live-stage.js";
export { type Focus, type FocusDetail, type Link, type StageModel, stageModel } from "./live/stage-model.js";
export { type StageLayers, stageLayers, stagePicture, stageSvg } from "./live/stage-svg.js";
export { bytes, percent, plural, weight } from "./numbers.js";
export { mergeShares } from "./overlay.js";
export { type PageData, type PageView, pageData } from "./page-data.js";
export { markColours, rampColour } from "./palette.js";
export { type PatchPlace, patchPlace, viewName } from "./patch-place.js";
export {
  cell,
  middle,
  type Panel,
  regionAt,
  type Stage,
  type StageRegion,
  shownSites,
} from "./stage.js";
export { attentionStrengths } from "./strength.js";
export type { AttentionKind } from "./summary.js";
export { attentionName, attentionTitle, composition, headline, viewCounts } from "./summary.js";
