export type { DecoderSettings, PoolLimits } from "./decoder-settings.js";
export type { Engine } from "./engine.js";
export { integerGraphs, multipliesExactly } from "./exact-integers.js";
export { runtimeVersion } from "./installed-runtime.js";
export { type DecoderWishes, loadDecoder } from "./load-decoder.js";
export { loadEngine } from "./load-engine.js";
export { findGraphs, type GraphFiles, othersBeside } from "./model-folder.js";
export { nodeRuntime } from "./ort.js";
export { programsOf, visionAbility } from "./vision-ability.js";
