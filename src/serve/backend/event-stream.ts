import { PrumergeError } from "../../errors.js";

/** No chunk of a chat completion is longer. */
const mostCharacters = 1_000_000;

/**
 * The data of server-sent events, one string per event, until `[DONE]` or the end.
 *
 * @throws PrumergeError NETWORK for an event without an end
 */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop()!;
    if (rest.length > mostCharacters) {
      throw new PrumergeError("NETWORK", "the backend sends an event without an end");
    }
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const data = line.slice(5).trim();
      if (data === "[DONE]") return;
      yield data;
    }
  }
}
