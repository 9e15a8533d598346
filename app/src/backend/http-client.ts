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
  const response = await fetch(new URL(path, document.baseURI), {
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
  const answer: { error?: { message?: string } } = await response.json().catch(() => ({}));
  throw new Error(answer.error?.message ?? `The server answers with status ${response.status}.`);
}

/** The data of server-sent events, one after another, up to `[DONE]`. */
export async function* events(response: Response): AsyncGenerator<unknown, void, undefined> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
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
