import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServerLimits } from "../limits.js";
import { ApiError } from "./api-error.js";
import type { ServerEnv } from "./scope.js";

/** Refuses bodies above the limit: by their Content-Length at once, without one as soon as too much has come. */
export function limitBody({ bodyBytes }: Pick<ServerLimits, "bodyBytes">): MiddlewareHandler<ServerEnv> {
  return bodyLimit({
    maxSize: bodyBytes,
    onError: () => {
      throw new ApiError(413, `The body has more than ${bodyBytes} bytes.`, { code: "body_too_large" });
    },
  });
}

/**
 * Bounds the memory of all bodies together: each counts by its Content-Length, or as the largest one without, from its
 * first byte until its request is done.
 */
export function boundHeldBytes(
  { bodyBytes, heldBytes }: Pick<ServerLimits, "bodyBytes" | "heldBytes">,
  retryAfter: () => number,
): MiddlewareHandler<ServerEnv> {
  const held = { bytes: 0 };
  return async (c, next) => {
    const announced =
      c.req.header("transfer-encoding") === undefined ? c.req.header("content-length") : undefined;
    const bytes = Math.min(announced === undefined ? bodyBytes : Number(announced), bodyBytes);
    if (held.bytes + bytes > heldBytes) {
      throw new ApiError(429, "The server is busy: too much is being received. Try again later.", {
        type: "rate_limit_error",
        code: "server_busy",
        headers: { "Retry-After": String(retryAfter()) },
      });
    }
    held.bytes += bytes;
    c.env.outgoing.once("close", () => {
      held.bytes -= bytes;
    });
    await next();
  };
}
