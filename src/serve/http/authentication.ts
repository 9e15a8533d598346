import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { ApiError } from "./api-error.js";
import type { ServerEnv } from "./scope.js";

/** Knows keys by their SHA-256 alone. */
export class ApiKeys {
  readonly #hashes: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#hashes = keys.map(hash);
  }

  /** Compares with every key, each in constant time, so that the time says nothing about any of them. */
  has(key: string): boolean {
    const given = hash(key);
    return this.#hashes.reduce((found, known) => timingSafeEqual(known, given) || found, false);
  }
}

/** Wants `Authorization: Bearer KEY`. */
export function requireKey(keys: ApiKeys): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const [, key] = /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (key === undefined || !keys.has(key)) {
      throw new ApiError(401, key === undefined ? "No API key was given." : "The API key is not valid.", {
        code: "invalid_api_key",
        headers: { "WWW-Authenticate": "Bearer" },
      });
    }
    await next();
  };
}

function hash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
