/**
 * Conversion of checkpoints to model folders.
 *
 * @module prumerge/convert
 */
export { type ModelFolder, readModelFolder } from "../folder/model-folder.js";
export { type Dtype, dtypes } from "../models/dtypes.js";
export { convert, planConversion } from "./convert.js";
export type { ConversionProgress, ConvertOptions, PlanOptions } from "./options.js";
export type { ConversionPlan, PlannedFile } from "./plan.js";
