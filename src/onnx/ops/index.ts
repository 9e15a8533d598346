export * from "./contrib.js";
export * from "./elementwise.js";
export * from "./loop.js";
export * from "./neural.js";
export * from "./rotary.js";
export * from "./selecting.js";
export * from "./shaping.js";
