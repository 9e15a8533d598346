import { PrumergeError } from "../errors.js";
import { HubFailure, PassingFailure } from "./attempts.js";
import type { HubConnection } from "./connection.js";

/** Codes of connections that no certificate of this machine vouches for: trying again changes nothing. */
const certificateCodes = /^(CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/**
 * What a connection that did not come about, or was lost, means.
 *
 * @param origin of the server; no whole address, since a store's link may carry its own signature
 * @param silent whether it was given up since nothing came
 */
export function connectionFailure(error: unknown, origin: string, silent: boolean): Error {
  if (silent) return new PassingFailure(`the connection to ${origin} fell silent`, { cause: error });
  const cause = innermost(error);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const text = cause instanceof Error ? cause.message : "";
  if (/^Proxy response/.test(text)) {
    return new PrumergeError("NETWORK", "the proxy refuses the connection", {
      where: origin,
      found: text,
      help: "HTTPS_PROXY names the proxy, with user:password@ where it wants a login; NO_PROXY excepts hosts",
      cause: error,
    });
  }
  const failed = `the connection to ${origin} failed${code && ` (${code})`}`;
  if (!certificateCodes.test(code)) return new PassingFailure(failed, { cause: error });
  return new PrumergeError("NETWORK", failed, {
    found: text,
    help: "Where a proxy or mirror has a certificate of its own, NODE_EXTRA_CA_CERTS names its file",
    cause: new HubFailure(failed, { cause: error }),
  });
}

/** What a status other than success means; the hub says more in headers of its own. */
export function explainStatus(
  response: Response,
  address: URL,
  connection: HubConnection,
  own: boolean,
): Error {
  const { status } = response;
  const code = response.headers.get("x-error-code");
  const said = plainText(response.headers.get("x-error-message"));
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
    const origin = new URL(response.url || address).origin;
    return new PassingFailure(`the server ${origin} answered with status ${status}`, { retryAfter });
  }
  // A store's signed link runs out; the hub hands out a fresh one.
  if (!own && status === 403) return new PassingFailure("the store refused the hub's link (status 403)");
  const about = { where: address.href, ...(said && { found: JSON.stringify(said) }) };
  if (code === "RevisionNotFound" || code === "EntryNotFound") {
    const missing =
      code === "EntryNotFound"
        ? "the model has no such file at this commit"
        : "the model has no such revision";
    return new PrumergeError("NOT_FOUND", missing, { ...about, help: "Check the name and the revision" });
  }
  if (status === 401 && said.startsWith("Invalid credentials")) {
    return new PrumergeError("NETWORK", "the hub does not accept the token (status 401)", {
      ...about,
      help: "It is mistyped, revoked or has run out: set HF_TOKEN anew, or run `hf auth login`",
    });
  }
  // The hub keeps secret which private models there are: without a code of its own 401 says no more than 404.
  if (status === 404 || code === "RepoNotFound" || (status === 401 && code !== "GatedRepo")) {
    return new PrumergeError("NOT_FOUND", "there is no such model, or it is private", {
      ...about,
      help: "Check the name and the revision; a private model needs HF_TOKEN with access to it",
    });
  }
  if (status === 401 || status === 403) {
    const gated = code === "GatedRepo" ? "the model is gated: its owner grants access" : "access is refused";
    return new PrumergeError("NETWORK", `${gated} (status ${status})`, {
      ...about,
      help:
        connection.token === undefined
          ? "Ask for access on the model's page, then set HF_TOKEN to a token of that account"
          : "Ask for access on the model's page; the token (HF_TOKEN) must belong to the account that has it",
    });
  }
  return new PrumergeError("NETWORK", `the server answered with status ${status}`, about);
}

// fetch wraps what went wrong once, or twice through a proxy.
function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error;
}

function plainText(text: string | null): string {
  return (text ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 300);
}
