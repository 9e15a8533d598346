import type { LoadProgress } from "../backend/model-backend.js";

const megabytes = (count: number) => (count / 1e6).toFixed(1);

/** The model on its way, or why it is not coming. */
export function Loading(props: {
  readonly progress: LoadProgress | undefined;
  readonly failure: string | undefined;
  onRetry(): void;
}) {
  const { progress, failure, onRetry } = props;
  if (failure !== undefined) {
    return (
      <div class="notice failure" role="alert">
        <p>{failure}</p>
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    );
  }
  const { loadedBytes = 0, totalBytes = 0 } = progress ?? {};
  const done = totalBytes > 0 && loadedBytes >= totalBytes;
  return (
    <div class="notice" role="status">
      <p>
        {done || totalBytes === 0
          ? "Opening the model"
          : `Fetching the model: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB`}
      </p>
      <progress
        aria-label="Fetching the model"
        {...(done || totalBytes === 0 ? {} : { value: loadedBytes, max: totalBytes })}
      />
    </div>
  );
}
