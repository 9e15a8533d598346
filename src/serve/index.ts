/**
 * The server's endpoints as a handler for an own program: Hono, Express, Next, or any that speaks `Request` and `Response`.
 *
 * @module prumerge/serve
 */
export { createHandler, type Handler, type HandlerOptions } from "./handler.js";
export type { ServerLimits } from "./limits.js";
export type { Fields, Log } from "./log.js";
