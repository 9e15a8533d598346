import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServerLimits } from "../limits.js";
import { ApiError } from "./api-error.js";
import type { ServerEnv } from "./scope.js";

/** Refuses bodies above the limit: by their Content-Length at once, without one as soon as too much has come. */
export function limitBody({ bodyBytes }: Pick<ServerLimits, "bodyBytes">): MiddlewareHandler<ServerEnv> {
  const limit = bodyLimit({
    maxSize: bodyBytes,
    onError: () => {
      throw new ApiError(413, `The body has more than ${bodyBytes} bytes.`, { code: "body_too_large" });
    },
  });
  return (c, next) => {
    const { method, url, raw } = c.req;
    if (raw.body !== null && c.req.header("transfer-encoding") !== undefined) {
      // It copies such a request by the platform's constructor, which takes none of the adapter's making.
      const copy = { method, headers: raw.headers, body: raw.body, duplex: "half" };
      c.req.raw = new Request(url, copy as RequestInit);
    }
    return limit(c, next);
  };
}

/**
 * Bounds the memory of all bodies together: each counts by its Content-Length, or as the largest one where it comes in
 * chunks, from its first byte until its request is done. It has to stand before whatever reads a body.
 */
export function boundHeldBytes(
  { bodyBytes, heldBytes }: Pick<ServerLimits, "bodyBytes" | "heldBytes">,
  retryAfter: () => number,
): MiddlewareHandler<ServerEnv> {
  const held = { bytes: 0 };
  return async (c, next) => {
    const chunked = c.req.header("transfer-encoding") !== undefined;
    // A request with neither header has no body.
    const bytes = chunked ? bodyBytes : Math.min(Number(c.req.header("content-length") ?? 0), bodyBytes);
    if (held.bytes + bytes > heldBytes) {
      throw new ApiError(429, "The server is busy: too much is being received. Try again later.", {
        type: "rate_limit_error",
        code: "server_busy",
        headers: { "Retry-After": String(retryAfter()) },
      });
    }
    held.bytes += bytes;
    c.env.exchange.onEnd(() => {
      held.bytes -= bytes;
    });
    await next();
  };
}
