import { PrumergeError } from "../errors.js";

/** How far the download of a model is. */
export interface DownloadProgress {
  readonly loadedBytes: number;
  /** Grows while sizes become known. */
  readonly totalBytes: number;
}

export interface DownloadOptions {
  /** Name of the browser cache in which files are kept; `false` keeps none. */
  readonly cache: string | false;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Fetches files with progress, and keeps them in the browser's cache. A kept file is used where the server still has it
 * with the same tag or date, and where the server cannot be asked: it is out of reach or order, or knows no HEAD.
 */
export class Downloads {
  readonly #options: DownloadOptions;
  readonly #sizes = new Map<string, { loaded: number; total: number }>();

  constructor(options: DownloadOptions) {
    this.#options = options;
  }

  /**
   * @param bytes the file's size where it is known beforehand; another one is refused
   * @throws PrumergeError NOT_FOUND, NETWORK, INVALID_FILE for a wrong size, ABORTED
   */
  async get(url: string, bytes?: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#advance(url, 0, bytes ?? 0);
    const store = await openCache(this.#options.cache);
    const kept = await store?.match(url);
    const data =
      kept !== undefined && (await this.#isCurrent(url, kept))
        ? await readAll(kept)
        : await this.#fetch(url, store);
    if (bytes !== undefined && data.length !== bytes) {
      await store?.delete(url);
      throw new PrumergeError("INVALID_FILE", "a file of a model folder has the wrong size", {
        expected: `${bytes} bytes`,
        found: `${data.length} bytes`,
        where: url,
      });
    }
    this.#advance(url, data.length, data.length);
    return data;
  }

  async text(url: string): Promise<string> {
    return new TextDecoder().decode(await this.get(url));
  }

  async #fetch(url: string, store: Cache | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const response = await this.#request(url, {});
    if (!response.ok) {
      throw new PrumergeError(response.status === 404 ? "NOT_FOUND" : "NETWORK", "a file cannot be fetched", {
        where: url,
        found: `status ${response.status}`,
      });
    }
    const known = this.#sizes.get(url)?.total;
    const total = known || Number(response.headers.get("content-length") ?? 0);
    const data = await readAll(response, (loaded) =>
      this.#advance(url, loaded, Math.max(total, loaded)),
    ).catch((cause: unknown) => {
      throw this.#failure(url, cause);
    });
    // A full disk is no reason to fail: the next visit downloads again.
    await store?.put(url, new Response(data, { headers: response.headers })).catch(() => undefined);
    return data;
  }

  async #isCurrent(url: string, kept: Response): Promise<boolean> {
    const mark = ({ headers }: Response) => headers.get("etag") ?? headers.get("last-modified");
    const answer = await this.#request(url, { method: "HEAD" }).catch((error: unknown) => {
      if (this.#options.signal?.aborted) throw error;
      return undefined;
    });
    if (answer === undefined || cannotTell(answer.status)) return true;
    // Where the server has it no longer, or not for us, fetching it says so.
    if (!answer.ok) return false;
    return mark(answer) !== null && mark(answer) === mark(kept);
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    const { signal } = this.#options;
    return fetch(url, { ...init, cache: "no-cache", ...(signal && { signal }) }).catch((cause: unknown) => {
      throw this.#failure(url, cause);
    });
  }

  #failure(url: string, cause: unknown): PrumergeError {
    return this.#options.signal?.aborted
      ? new PrumergeError("ABORTED", "a download was aborted", { where: url, cause })
      : new PrumergeError("NETWORK", "a file cannot be fetched", { where: url, cause });
  }

  #advance(url: string, loaded: number, total: number): void {
    this.#sizes.set(url, { loaded, total });
    const all = [...this.#sizes.values()];
    this.#options.onProgress?.({
      loadedBytes: all.reduce((sum, file) => sum + file.loaded, 0),
      totalBytes: all.reduce((sum, file) => sum + file.total, 0),
    });
  }
}

/** Whether a status says nothing of the file: the server knows no HEAD, or is out of order. */
function cannotTell(status: number): boolean {
  return status === 405 || status >= 500;
}

/** Pages that are not served securely have no cache; private windows may refuse it. */
async function openCache(name: string | false): Promise<Cache | undefined> {
  if (name === false || typeof caches === "undefined") return undefined;
  return caches.open(name).catch(() => undefined);
}

async function readAll(
  response: Response,
  onLoaded: (loaded: number) => void = () => undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body?.getReader();
  for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
    parts.push(step.value);
    loaded += step.value.length;
    onLoaded(loaded);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
