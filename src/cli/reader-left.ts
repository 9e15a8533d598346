/** Why work ends whose output nobody reads any more, as after `| head`: no failure, and nobody to tell. */
export class ReaderLeft extends Error {
  constructor() {
    super("the reader of the output has left");
    this.name = "ReaderLeft";
  }
}

/** Whether a stream failed because whoever read from it has closed the other end. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}

/**
 * Calls back when the reader of standard output or of standard error has left.
 *
 * @returns what ends the listening
 */
export function onReaderLeft(left: () => void): () => void {
  const listen = (error: Error) => {
    if (isBrokenPipe(error)) left();
  };
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.on("error", listen);
  return () => {
    for (const stream of streams) stream.off("error", listen);
  };
}
