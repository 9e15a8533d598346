import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.js";
import type { ServerEnv } from "./scope.js";

/** Why nothing is begun any more, or goes on. */
export function shuttingDown(): ApiError {
  return new ApiError(503, "The server is shutting down.", { code: "shutting_down" });
}

/** Refuses what comes on connections that were open before the server began to drain. */
export function refuseWhileDraining(accepting: () => boolean): MiddlewareHandler<ServerEnv> {
  return async (_c, next) => {
    if (!accepting()) throw shuttingDown();
    await next();
  };
}

/** Ends the connection of every answer that is given while the server drains: there is no next request on it. */
export function closeWhileDraining(accepting: () => boolean): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    await next();
    if (!accepting()) c.header("Connection", "close");
  };
}
