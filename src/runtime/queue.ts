/** Carries out tasks one after another, in the order in which they come; a failed one does not stop the next. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  add<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
