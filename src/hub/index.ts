/** Models of the hub: ids, downloads into the standard cache, and remembered conversions. */
export { fetchCheckpoint } from "./fetch-checkpoint.js";
export { type FindOptions, fetchConfig, fetchModel, findModel } from "./find-model.js";
export type { CheckpointModel, HubOrigin, RemoteModel } from "./found-model.js";
export type { HubProgress } from "./resolve-hub.js";
