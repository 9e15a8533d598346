import { PrumergeError } from "../errors.js";
import { checkAborted, HubFailure, PassingFailure } from "./attempts.js";
import type { HubConnection } from "./connection.js";
import { isThisMachine } from "./proxy.js";
import { connectionFailure, explainStatus } from "./refusal.js";
import { Watchdog } from "./watchdog.js";

/** An open answer. The hub itself often only redirects to a store: its own headers are kept beside the store's. */
export interface HubResponse {
  /** Of the last host asked; status 200 or 206, or 416 where a range was asked for. */
  readonly response: Response;
  /** A header of the first hop of the endpoint's own host that has it. */
  hubHeader(name: string): string | undefined;
}

const mostRedirects = 8;

/**
 * One GET. Redirects are followed by hand: the token goes to the endpoint's own host only, other hosts must be asked
 * by https, or by http where both they and the endpoint are this machine.
 *
 * @throws PassingFailure for what may pass; PrumergeError `NETWORK` or `NOT_FOUND` for what will not.
 */
export async function request(
  connection: HubConnection,
  address: URL,
  watchdog: Watchdog,
  headers: Readonly<Record<string, string>> = {},
): Promise<HubResponse> {
  const ownHops: Headers[] = [];
  for (let url = address, hops = 0; hops <= mostRedirects; hops += 1) {
    checkHost(connection, url);
    const own = url.origin === connection.endpoint.origin;
    const response = await open(connection, url, watchdog, {
      "user-agent": connection.userAgent,
      "accept-encoding": "identity",
      ...headers,
      ...(own && connection.token !== undefined && { authorization: `Bearer ${connection.token}` }),
    });
    if (own) ownHops.push(response.headers);
    const target = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && target !== null) {
      await response.body?.cancel();
      url = redirectTarget(target, url);
      continue;
    }
    const wellAnswered = response.status === 200 || response.status === 206;
    if (!wellAnswered && !(response.status === 416 && headers.range !== undefined)) {
      await response.body?.cancel();
      throw explainStatus(response, address, connection, own);
    }
    const hubHeader = (name: string) => ownHops.find((one) => one.has(name))?.get(name) ?? undefined;
    return { response, hubHeader };
  }
  const circle = `more than ${mostRedirects} redirects`;
  throw new PrumergeError("NETWORK", circle, { where: address.href, cause: new HubFailure(circle) });
}

/**
 * `fetch` for the hub's library: {@link request} with the answer's body read, at most `limit` bytes of it.
 *
 * @throws as {@link request} does; PrumergeError `LIMIT_EXCEEDED` for a longer body.
 */
export function boundedFetch(connection: HubConnection, limit = 64 * 2 ** 20): typeof fetch {
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const watchdog = new Watchdog(connection.signal, connection.patience.answerSilence);
    try {
      const { response } = await request(connection, url, watchdog, { accept: "application/json" });
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of body(response, watchdog)) {
        length += part.byteLength;
        if (length > limit) {
          throw new PrumergeError("LIMIT_EXCEEDED", "the hub's answer is too long", {
            where: url.href,
            expected: `at most ${limit} bytes`,
          });
        }
        parts.push(part);
      }
      return new Response(Buffer.concat(parts), { status: response.status, headers: response.headers });
    } finally {
      watchdog.dispose();
    }
  };
}

/** The bytes of an answer, as they come; a lost or silent connection is a {@link PassingFailure}. */
export async function* body(response: Response, watchdog: Watchdog): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      watchdog.alive();
      yield part;
    }
  } catch (error) {
    throw failure(error, watchdog, response.url);
  }
}

async function open(
  connection: HubConnection,
  url: URL,
  watchdog: Watchdog,
  headers: Record<string, string>,
): Promise<Response> {
  try {
    const init: RequestInit = { headers, redirect: "manual", signal: watchdog.signal };
    const response = await connection.fetch(url, init);
    watchdog.alive();
    return response;
  } catch (error) {
    throw failure(error, watchdog, url);
  }
}

function failure(error: unknown, watchdog: Watchdog, address: string | URL): unknown {
  checkAborted(watchdog.caller);
  if (PrumergeError.isInstance(error) || error instanceof HubFailure) return error;
  return connectionFailure(error, new URL(address).origin, watchdog.expired);
}

// A network that wants a login first answers with a redirect of its own, so that a copy may stand in here, too.
function redirectTarget(location: string, from: URL): URL {
  if (URL.canParse(location, from)) return new URL(location, from);
  throw new PrumergeError("NETWORK", "the server redirects to something that is no address", {
    where: from.href,
    cause: new HubFailure("it redirects to something that is no address"),
  });
}

function checkHost(connection: HubConnection, url: URL): void {
  const { endpoint } = connection;
  if (url.origin === endpoint.origin || url.protocol === "https:") return;
  if (url.protocol === "http:" && isThisMachine(url) && isThisMachine(endpoint)) return;
  throw new PrumergeError("NETWORK", "the server sends us to an address that we do not follow", {
    expected: "https, or the hub's own host",
    found: url.origin === "null" ? url.protocol : url.origin,
    where: endpoint.origin,
    cause: new HubFailure("it sends us to an address that we do not follow"),
  });
}
