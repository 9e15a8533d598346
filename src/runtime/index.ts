export type { BatchSettings, PoolLimits } from "./batch-settings.js";
export type { Engine } from "./engine.js";
export { runtimeVersion } from "./installed-runtime.js";
export { loadBatch } from "./load-batch.js";
export { loadEngine } from "./load-engine.js";
export { findGraphs, type GraphFiles, othersBeside } from "./model-folder.js";
export { programsOf, visionAbility } from "./vision-ability.js";
