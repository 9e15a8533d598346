import { PrumergeError } from "../errors.js";

/** So many failures in a row, without a success between them, are no accident. */
const tooMany = 3;

/** Whether the model still works: a worker that has died fails every request, and only a new process helps. */
export class Health {
  #failures = 0;

  get ok(): boolean {
    return this.#failures < tooMany;
  }

  /** Call when the model has done something for a request. */
  worked(): void {
    this.#failures = 0;
  }

  /** Call with whatever a request failed with. */
  failed(error: unknown): void {
    if (PrumergeError.isInstance(error) && error.code === "RUNTIME") this.#failures++;
  }
}
