/**
 * What a merge plan keeps and merges, drawn and explained: PNG, SVG, HTML, JSON, and text for a terminal.
 *
 * @module prumerge/view
 */
export { type FigureOptions, type Layer, overlaySvg } from "./figure.js";
export { type Film, type FilmFrame, inspectVideo, type SeenVideo } from "./film/film.js";
export { filmText, renderFilm } from "./film/render-film.js";
export { type Bin, histogram } from "./histogram.js";
export { renderHtml } from "./html.js";
export { inspectTokens, type SeenTokens } from "./inspect-tokens.js";
export {
  createInspection,
  type InspectedRow,
  type Inspection,
  type InspectionInput,
  type InspectionStatistics,
  type RowKind,
} from "./inspection.js";
export { type InspectionJson, inspectionJson } from "./json.js";
export { pictureUri } from "./picture-uri.js";
export { type PngOptions, renderPng } from "./png.js";
export { type InspectionFormat, inspectionFormats, renderInspection } from "./render.js";
export { renderText, type TextOptions } from "./text.js";
export type { TowerSigns } from "./tower-signs.js";
