export type { CacheId, CacheMemory, Engine, ForwardRun, RowPlaces, VisionRun } from "./engine.js";
export { runtimeVersion } from "./installed-runtime.js";
export { type EngineOptions, loadEngine } from "./load-engine.js";
export { findGraphs, type GraphFile, type GraphFiles } from "./model-folder.js";
export { availableDevices, type Port, type SessionOptions } from "./ort.js";
export { type GraphReport, validateGraph } from "./validate.js";
export { visionAbility } from "./vision-ability.js";
