/** Carries out tasks one after another, in the order in which they come; a failed one does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param signal takes the task back while it waits: it then fails at once with the signal's reason. A task that has
   * begun is finished.
   */
  add<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    let begun = false;
    const result = this.#last.then(() => {
      signal?.throwIfAborted();
      begun = true;
      return task();
    });
    this.#last = result.catch(() => undefined);
    if (signal === undefined) return result;
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (!begun) reject(signal.reason);
      };
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave, { once: true });
      result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }
}
