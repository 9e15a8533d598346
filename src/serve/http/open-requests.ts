import type { ServerResponse } from "node:http";
import { ApiError } from "./api-error.js";

/** Why nothing is begun any more, or goes on. */
export function shuttingDown(): ApiError {
  return new ApiError(503, "The server is shutting down.", { code: "shutting_down" });
}

interface OpenRequest {
  readonly controller: AbortController;
  readonly outgoing: ServerResponse;
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
  add(controller: AbortController, outgoing: ServerResponse): () => void {
    const request: OpenRequest = { controller, outgoing, stuckAt: undefined };
    this.#open.add(request);
    return () => this.#open.delete(request);
  }

  abortAll(): void {
    for (const { controller } of this.#open) controller.abort(shuttingDown());
  }

  /** Cuts connections that have taken nothing of what waits for them since the last call. */
  cutStuck(): void {
    for (const request of this.#open) {
      const { socket } = request.outgoing;
      if (socket === null || socket.writableLength === 0) {
        request.stuckAt = undefined;
        continue;
      }
      const gone = socket.bytesWritten - socket.writableLength;
      if (gone === request.stuckAt) socket.destroy();
      request.stuckAt = gone;
    }
  }
}
