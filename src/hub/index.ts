/** Models of the hub: ids, downloads into the standard cache, and remembered conversions. */
export type { HubOptions, Patience } from "./connection.js";
export { convertedFolder, rememberedConversion } from "./converted.js";
export { type ConversionEstimate, estimateConversion } from "./estimate.js";
export { type CheckpointFolder, type FetchOptions, fetchCheckpoint } from "./fetch-checkpoint.js";
export { type FindOptions, fetchConfig, fetchModel, findModel } from "./find-model.js";
export type { CheckpointModel, FoundModel, HubOrigin, ReadyModel, RemoteModel } from "./found-model.js";
export { type HubId, isHubId, parseHubId } from "./hub-id.js";
export {
  checkpointFiles,
  type FileSelection,
  type ModelFile,
  type ModelForm,
  modelFolderFiles,
  modelForm,
  type WantedDtypes,
} from "./model-files.js";
export {
  type HubListing,
  type HubProgress,
  listHub,
  type ResolvedModel,
  type ResolveOptions,
  resolveHub,
} from "./resolve-hub.js";
