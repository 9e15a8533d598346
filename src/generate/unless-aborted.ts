/** The run's result, or undefined where the signal took it back before it began. */
export function unlessAborted<Run>(run: Promise<Run>, signal: AbortSignal): Promise<Run | undefined> {
  return run.catch((error: unknown) => {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  });
}
