import { pictureGeometry } from "../../image/geometry.js";
import { type Aspect, decodePicture, type Picture, type PreprocessSpec } from "../../image/index.js";
import { gridView, type VisionTowerSpec } from "../../models/spec.js";
import { oneHotPlan } from "../../reduce/one-hot.js";
import { createStage } from "../../view/create-stage.js";
import { createInspection } from "../../view/inspection.js";
import { dimLayer, keptLayer, pictureLayer, unseenLayer } from "../../view/overlay.js";
import { pictureUri } from "../../view/picture-uri.js";
import { num } from "../../view/svg.js";
import { readKeptPatches } from "../run/kept-patches.js";
import type { AnswerRecord } from "../run/run-folder.js";
import type { TaskPicture } from "../task.js";
import type { DifferenceFigure } from "./report-data.js";

/** How a model takes its square from a picture, and its patches from the square. */
export interface Framing {
  readonly vision: Pick<VisionTowerSpec, "imageSize" | "patchSize">;
  readonly preprocessing: PreprocessSpec;
  readonly aspect: Aspect;
}

/** Longest side of an embedded picture, pixels: a report holds dozens. */
const longestSide = 448;

/**
 * A picture and the patches that were kept of it.
 *
 * @param framing undefined where the model is not there to tell; then the patches are left out
 * @throws PrumergeError as `decodePicture`
 */
export async function differenceFigure(
  source: TaskPicture,
  kept: AnswerRecord["kept"],
  framing: Framing | undefined,
): Promise<DifferenceFigure> {
  const picture = await decodePicture("path" in source ? source.path : source.bytes);
  const uri = await pictureUri(await shrink(picture));
  const { width, height } = picture;
  // Kept patches are recorded of one square; of several views there is no telling which they are.
  const aspect = framing?.aspect;
  if (framing === undefined || aspect === "anyres" || aspect === "native" || kept === null) {
    const image = `<image width="${width}" height="${height}" href="${uri}"/>`;
    return { name: source.name, viewBox: `0 0 ${width} ${height}`, picture: image, overlay: undefined };
  }
  const square = pictureGeometry(width, height, framing.preprocessing, aspect!).view;
  const inspection = createInspection({
    picture,
    view: gridView(square, framing.vision),
    grid: kept,
    plan: oneHotPlan(kept, Int32Array.from(readKeptPatches(kept))),
    method: "",
    options: {},
    statistics: { visualTokens: kept.count, unreducedTokens: kept.rows * kept.columns },
  });
  const stage = createStage(inspection);
  const { x, y, width: across, height: down } = stage.box;
  return {
    name: source.name,
    viewBox: [x, y, across, down].map(num).join(" "),
    picture: pictureLayer(stage, uri),
    overlay: dimLayer(inspection, stage) + keptLayer(inspection, stage) + unseenLayer(stage, "var(--paper)"),
  };
}

async function shrink(picture: Picture): Promise<Picture> {
  const { width, height, data } = picture;
  if (Math.max(width, height) <= longestSide) return picture;
  const { default: sharp } = await import("sharp");
  const { data: smaller, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: longestSide, height: longestSide, fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: smaller };
}
