import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import type { ServerLimits } from "../limits.js";
import { ApiError } from "./api-error.js";

/** One request while it is worked on. */
export interface RequestScope {
  readonly id: string;
  /** `performance.now()` when its headers were there. */
  readonly start: number;
  /** Fires when the client has gone, the time is up, or the server ends. */
  readonly signal: AbortSignal;
  /** What the log line of this request says beside the usual. */
  readonly notes: Record<string, string | number | boolean>;
}

export interface ServerEnv {
  readonly Bindings: HttpBindings;
  readonly Variables: { readonly scope: RequestScope };
}

export type ServerContext = Context<ServerEnv>;

/** Requests under way, to end them when the server ends. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();

  get count(): number {
    return this.#open.size;
  }

  add(controller: AbortController): void {
    this.#open.add(controller);
  }

  delete(controller: AbortController): void {
    this.#open.delete(controller);
  }

  abortAll(): void {
    for (const controller of this.#open) {
      controller.abort(new ApiError(503, "The server is shutting down.", { code: "shutting_down" }));
    }
  }
}

/** Called when a request's connection has its answer, or is gone. */
export type OnEnd = (
  c: ServerContext,
  outcome: { readonly status: number; readonly milliseconds: number },
) => void;

/** Gives each request its id and signal, and ends what nobody waits for or reads. */
export function requestScope(
  open: OpenRequests,
  limits: Pick<ServerLimits, "requestMilliseconds" | "stalledMilliseconds">,
  onEnd: OnEnd,
): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const controller = new AbortController();
    const { outgoing } = c.env;
    const scope: RequestScope = {
      id: crypto.randomUUID(),
      start: performance.now(),
      signal: controller.signal,
      notes: {},
    };
    c.set("scope", scope);
    c.header("x-request-id", scope.id);
    open.add(controller);
    const deadline = setTimeout(() => controller.abort(tookTooLong()), limits.requestMilliseconds);
    // An answer is written as fast as it is read; whoever stops reading must not hold it for ever.
    const unread = setTimeout(
      () => outgoing.destroy(),
      limits.requestMilliseconds + limits.stalledMilliseconds,
    );
    outgoing.once("close", () => {
      clearTimeout(deadline);
      clearTimeout(unread);
      open.delete(controller);
      const gone = !outgoing.writableFinished;
      if (gone) controller.abort(new ApiError(499, "The client has gone.", { code: "client_gone" }));
      onEnd(c, { status: gone ? 499 : outgoing.statusCode, milliseconds: performance.now() - scope.start });
    });
    await next();
  };
}

function tookTooLong(): ApiError {
  return new ApiError(503, "The request took too long.", { type: "server_error", code: "timeout" });
}
