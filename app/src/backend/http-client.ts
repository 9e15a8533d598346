import { KeyNeeded } from "./key-needed.js";

const keyName = "prumerge-key";

/** Keeps the server's key for as long as the tab is open. */
export function keepKey(key: string): void {
  sessionStorage.setItem(keyName, key);
}

/** Whether a key was given: then the server wanted one. */
export function hasKey(): boolean {
  return sessionStorage.getItem(keyName) !== null;
}

/**
 * Asks the server that the page came from.
 *
 * @throws KeyNeeded where it wants a key, else an Error with what the server says
 */
export async function request(
  path: string,
  init: { body?: unknown; signal?: AbortSignal } = {},
): Promise<Response> {
  const key = sessionStorage.getItem(keyName);
  const response = await reach(new URL(path, document.baseURI), {
    ...(init.body !== undefined && { method: "POST", body: JSON.stringify(init.body) }),
    ...(init.signal && { signal: init.signal }),
    headers: {
      ...(init.body !== undefined && { "Content-Type": "application/json" }),
      ...(key !== null && { Authorization: `Bearer ${key}` }),
    },
  });
  if (response.ok) return response;
  if (response.status === 401)
    throw new KeyNeeded(key === null ? "This server wants a key." : "The key is not right.");
  if (response.status === 429) throw new Error(busy(response.headers.get("retry-after")));
  const answer: { error?: { message?: string } } = await response.json().catch(() => ({}));
  throw new Error(answer.error?.message ?? `The server answers with status ${response.status}.`);
}

const gone =
  "The server does not answer. Look whether it still runs where it was started (prumerge serve), and whether you are online; then try again.";

/** `fetch`, whose own words where nobody answers ("Failed to fetch") help nobody. */
async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw init.signal?.aborted ? error : new Error(gone, { cause: error });
  }
}

/** @param after the header Retry-After, in seconds */
function busy(after: string | null): string {
  const seconds = Number(after);
  const when =
    after === null || !(seconds > 0) ? "a moment" : seconds === 1 ? "a second" : `${seconds} seconds`;
  return `The server is busy with the questions of others. Ask again in ${when}.`;
}

/** Where an answer ends in its middle. */
export const brokenOff =
  "The answer broke off: the server ended, or the connection to it. Ask again when it is back.";

/** The data of server-sent events, one after another, up to `[DONE]`. */
export async function* events(response: Response): AsyncGenerator<unknown, void, undefined> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = () =>
    reader.read().catch((error: unknown) => {
      throw new Error(brokenOff, { cause: error });
    });
  let held = "";
  try {
    for (let step = await read(); !step.done; step = await read()) {
      const parts = (held + step.value).split("\n\n");
      held = parts.pop()!;
      for (const part of parts) {
        const data = part
          .split("\n")
          .filter((line) => line.startsWith("data:"))
          .map((line) => line.slice(5).trimStart())
          .join("\n");
        if (data === "[DONE]") return;
        if (data !== "") yield JSON.parse(data);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
