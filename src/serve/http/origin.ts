import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { PrumergeError } from "../../errors.js";
import { ApiError } from "./api-error.js";
import type { ServerEnv } from "./scope.js";

/**
 * Answers only to names that are this server's, so that a page of somewhere else cannot reach a server on its reader's
 * own machine under a name that it made point there (DNS rebinding). IP addresses and `localhost` are always right.
 *
 * @param names further host names, without ports
 */
export function requireHost(names: readonly string[]): MiddlewareHandler<ServerEnv> {
  const known = new Set(["localhost", ...names.map((name) => name.toLowerCase())]);
  return async (c, next) => {
    const host = hostOf(c.req.header("host") ?? "");
    if (!known.has(host) && isIP(host) === 0) {
      throw new ApiError(421, "This server is not known by that host name; see --allow-host.", {
        code: "unknown_host",
      });
    }
    await next();
  };
}

/**
 * Pages of other origins may not ask, but for those named; these get the headers that their browser wants to see.
 * Programs that are no browser send no Origin and are not concerned.
 *
 * @param origins as browsers send them: `https://example.org`
 */
export function restrictOrigins(origins: readonly string[]): MiddlewareHandler<ServerEnv> {
  const known = new Set(origins);
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined || isOwn(origin, c.req.header("host"))) return next();
    if (!known.has(origin)) {
      throw new ApiError(403, "Pages of other origins may not ask here; see --allow-origin.", {
        code: "origin_refused",
      });
    }
    if (c.req.method !== "OPTIONS") {
      await next(); // what is set before is missing from a handler's own Response
      c.header("Access-Control-Allow-Origin", origin);
      c.header("Vary", "Origin");
      return;
    }
    return c.body(null, 204, {
      "Access-Control-Allow-Origin": origin,
      Vary: "Origin",
      "Access-Control-Allow-Methods": "GET, POST",
      "Access-Control-Allow-Headers": c.req.header("access-control-request-headers")?.slice(0, 1000) ?? "",
      "Access-Control-Max-Age": "600",
    });
  };
}

/**
 * Origins that were given by hand, in the form that browsers send.
 *
 * @throws PrumergeError INVALID_OPTION
 */
export function parseOrigins(where: string, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && ["http:", "https:"].includes(url.protocol) && url.pathname === "/")
      return url.origin;
    throw new PrumergeError("INVALID_OPTION", "not an origin", {
      where,
      expected: "scheme and host, for example https://example.org",
      found: text,
    });
  });
}

/** Without its port and IPv6's brackets. */
function hostOf(header: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return (bracketed ?? plain ?? "").toLowerCase();
}

function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
