import { PrumergeError } from "../errors.js";
import { checkAborted, PassingFailure } from "./attempts.js";
import type { HubConnection } from "./connection.js";
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
    const response = await open(url, watchdog, {
      "user-agent": "prumerge",
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
      throw explain(response, address, connection, own);
    }
    const hubHeader = (name: string) => ownHops.find((one) => one.has(name))?.get(name) ?? undefined;
    return { response, hubHeader };
  }
  throw new PrumergeError("NETWORK", `more than ${mostRedirects} redirects`, { where: address.href });
}

/**
 * `fetch` for the hub's library: {@link request} with the answer's body read, at most `limit` bytes of it.
 *
 * @throws as {@link request} does; PrumergeError `LIMIT_EXCEEDED` for a longer body.
 */
export function boundedFetch(connection: HubConnection, limit = 64 * 2 ** 20): typeof fetch {
  return async (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const watchdog = new Watchdog(connection.signal, connection.patience.silence);
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

async function open(url: URL, watchdog: Watchdog, headers: Record<string, string>): Promise<Response> {
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal: watchdog.signal });
    watchdog.alive();
    return response;
  } catch (error) {
    throw failure(error, watchdog, url);
  }
}

/** @param address only its origin is named: a store's link may carry its own signature */
function failure(error: unknown, watchdog: Watchdog, address: string | URL): unknown {
  checkAborted(watchdog.caller);
  if (PrumergeError.isInstance(error) || error instanceof PassingFailure) return error;
  const { origin } = new URL(address);
  if (watchdog.expired)
    return new PassingFailure(`the connection to ${origin} fell silent`, { cause: error });
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
  return new PassingFailure(`the connection to ${origin} failed${code}`, { cause: error });
}

function redirectTarget(location: string, from: URL): URL {
  if (URL.canParse(location, from)) return new URL(location, from);
  throw new PrumergeError("NETWORK", "the server redirects to something that is no address", {
    where: from.href,
  });
}

function checkHost(connection: HubConnection, url: URL): void {
  const { endpoint } = connection;
  if (url.origin === endpoint.origin || url.protocol === "https:") return;
  if (url.protocol === "http:" && isLoopback(url) && isLoopback(endpoint)) return;
  throw new PrumergeError("NETWORK", "the server sends us to an address that we do not follow", {
    expected: "https, or the hub's own host",
    found: url.origin === "null" ? url.protocol : url.origin,
    where: endpoint.origin,
  });
}

function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

function explain(response: Response, address: URL, connection: HubConnection, own: boolean): Error {
  const { status } = response;
  const code = response.headers.get("x-error-code");
  const where = address.href;
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
    const { origin } = new URL(response.url);
    return new PassingFailure(`the server ${origin} answered with status ${status}`, { retryAfter });
  }
  // A store's signed link runs out; the hub hands out a fresh one.
  if (!own && status === 403) return new PassingFailure("the store refused the hub's link (status 403)");
  const missing = status === 404 || (status === 401 && code === "RepoNotFound");
  if (missing) {
    return new PrumergeError("NOT_FOUND", missingPart(code), {
      where,
      help: "Check the name and the revision; a private model needs HF_TOKEN with access to it",
    });
  }
  if (status === 401 || status === 403) {
    const gated = code === "GatedRepo" ? "the model is gated: its owner grants access" : "access is refused";
    return new PrumergeError("NETWORK", `${gated} (status ${status})`, {
      where,
      help:
        connection.token === undefined
          ? "Ask for access on the model's page, then set HF_TOKEN to a token of that account"
          : "Ask for access on the model's page; HF_TOKEN must belong to the account that has it",
    });
  }
  return new PrumergeError("NETWORK", `the server answered with status ${status}`, { where });
}

function missingPart(code: string | null): string {
  if (code === "RevisionNotFound") return "the model has no such revision";
  if (code === "EntryNotFound") return "the model has no such file at this commit";
  return "there is no such model, or it is private";
}
