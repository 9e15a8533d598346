import { ApiError } from "./api-error.js";
import type { Exchange } from "./exchange.js";

/** Why nothing is begun any more, or goes on. */
export function shuttingDown(): ApiError {
  return new ApiError(503, "The server is shutting down.", { code: "shutting_down" });
}

interface OpenRequest {
  readonly controller: AbortController;
  readonly exchange: Exchange;
  /** Bytes that had left the process at the last look with more of them waiting. */
  stuckAt: number | undefined;
}

/** Requests under way, to end them when the server ends, or when nobody reads their answer. */
export class OpenRequests {
  readonly #open = new Set<OpenRequest>();

  get count(): number {
    return this.#open.size;
  }

  /** @returns takes it off again */
  add(controller: AbortController, exchange: Exchange): () => void {
    const request: OpenRequest = { controller, exchange, stuckAt: undefined };
    this.#open.add(request);
    return () => this.#open.delete(request);
  }

  abortAll(): void {
    for (const { controller } of this.#open) controller.abort(shuttingDown());
  }

  /** Cuts connections that have taken nothing of what waits for them since the last call. */
  cutStuck(): void {
    for (const request of this.#open) {
      const { stuckAt } = request.exchange;
      if (stuckAt !== undefined && stuckAt === request.stuckAt) request.exchange.cut();
      request.stuckAt = stuckAt;
    }
  }
}
