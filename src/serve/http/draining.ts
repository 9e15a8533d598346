import type { MiddlewareHandler } from "hono";
import { shuttingDown } from "./open-requests.js";
import type { ServerEnv } from "./scope.js";

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
