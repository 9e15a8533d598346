import type { Context, MiddlewareHandler } from "hono";
import type { ServerLimits } from "../limits.js";
import { ApiError } from "./api-error.js";
import type { Exchange } from "./exchange.js";
import type { OpenRequests } from "./open-requests.js";

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
  readonly Bindings: { readonly exchange: Exchange };
  readonly Variables: { readonly scope: RequestScope };
}

export type ServerContext = Context<ServerEnv>;

/** Called when a request's client has its answer, or is gone. */
export type OnEnd = (
  c: ServerContext,
  outcome: { readonly status: number; readonly milliseconds: number },
) => void;

/** Gives each request its id and signal, and ends what nobody waits for. */
export function requestScope(
  open: OpenRequests,
  { requestMilliseconds }: Pick<ServerLimits, "requestMilliseconds">,
  onEnd: OnEnd,
): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const controller = new AbortController();
    const { exchange } = c.env;
    const scope: RequestScope = {
      id: crypto.randomUUID(),
      start: performance.now(),
      signal: controller.signal,
      notes: {},
    };
    c.set("scope", scope);
    const leave = open.add(controller, exchange);
    const deadline = setTimeout(() => controller.abort(tookTooLong()), requestMilliseconds);
    exchange.onEnd(({ status, gone }) => {
      clearTimeout(deadline);
      leave();
      if (gone) controller.abort(new ApiError(499, "The client has gone.", { code: "client_gone" }));
      onEnd(c, { status: gone ? 499 : status, milliseconds: performance.now() - scope.start });
    });
    await next();
    c.header("x-request-id", scope.id); // set before, it would be missing from a handler's own Response
    if (exchange.bodyLeft) c.header("Connection", "close");
  };
}

function tookTooLong(): ApiError {
  return new ApiError(503, "The request took too long.", { type: "server_error", code: "timeout" });
}
