import type { Dispatcher, RequestInit as UndiciInit } from "undici";
import { PrumergeError } from "../errors.js";
import { type Environment, readEnvironment } from "./environment.js";
import { proxyFor } from "./proxy.js";
import { findToken } from "./token.js";

/** Where the hub is and how it is asked; see {@link connect} for what is taken from the environment. */
export interface HubOptions {
  /** Default: `HF_ENDPOINT`, else the public hub. http or https. */
  readonly endpoint?: string;
  /** Default: `HF_TOKEN`, else what `hf auth login` left. Sent to the endpoint's own host only. */
  readonly token?: string;
  /** Default: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`. */
  readonly cacheDir?: string;
  /** True: use the cache alone. Default: `HF_HUB_OFFLINE`, else `TRANSFORMERS_OFFLINE`. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  /** How failed requests are repeated; for tests and slow lines. */
  readonly patience?: Partial<Patience>;
  /** Called with one sentence where a copy in the cache stands in for a hub that cannot be asked. */
  readonly onNote?: (note: string) => void;
}

/** How long a server is waited for. */
export interface Patience {
  /** Attempts in a row without a single byte of progress, at least 1. Default 5. */
  readonly attempts: number;
  /** Wait before the second attempt, doubled each time up to 16 times as long, milliseconds. Default 500. */
  readonly delay: number;
  /**
   * A download that is silent for this long is given up and tried again, milliseconds. Default:
   * `HF_HUB_DOWNLOAD_TIMEOUT`, else 30 000.
   */
  readonly silence: number;
  /** The same for questions about a model. Default: `silence` if given, else `HF_HUB_ETAG_TIMEOUT`, else 10 000. */
  readonly answerSilence: number;
}

/** {@link HubOptions} with the environment read and everything checked. */
export interface HubConnection {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly cacheDir: string;
  readonly offline: boolean;
  /** Whether files in snapshots may be symbolic links. */
  readonly symlinks: boolean;
  readonly userAgent: string;
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience;
  /** `fetch`, through the proxy where the environment names one. */
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
}

/**
 * Fills in what the caller left open, as Python's huggingface_hub does; docs/hub.md lists every variable.
 *
 * @throws PrumergeError `INVALID_OPTION`, `INVALID_FILE`; a token's value is never part of a message.
 */
export async function connect(
  options: HubOptions = {},
  environment: Environment = process.env,
): Promise<HubConnection> {
  const found = readEnvironment(environment);
  const offline = options.offline ?? found.offline;
  const { silence, answerSilence } = options.patience ?? {};
  return {
    endpoint: parseEndpoint(options.endpoint ?? found.endpoint),
    token: offline ? undefined : await findToken(options.token, found),
    cacheDir: options.cacheDir ?? found.cacheDir,
    offline,
    symlinks: found.symlinks,
    userAgent: found.origin === undefined ? "prumerge" : `prumerge; origin/${found.origin}`,
    signal: options.signal,
    patience: {
      attempts: 5,
      delay: 500,
      ...options.patience,
      silence: silence ?? found.downloadSilence ?? 30_000,
      answerSilence: answerSilence ?? silence ?? found.answerSilence ?? 10_000,
    },
    fetch: fetchBy(environment),
  };
}

/** The address of something below the endpoint; each part of the path is escaped. */
export function endpointUrl(connection: HubConnection, ...path: readonly string[]): URL {
  const base = connection.endpoint.pathname.replace(/\/+$/, "");
  return new URL(`${base}/${path.map(encodeURIComponent).join("/")}`, connection.endpoint);
}

function parseEndpoint(text = "https://huggingface.co"): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wellFormed = url !== undefined && (url.protocol === "https:" || url.protocol === "http:");
  if (wellFormed && url.username === "" && url.password === "") return url;
  throw new PrumergeError("INVALID_OPTION", "this is no address of a hub", {
    where: "HF_ENDPOINT",
    expected: "an http or https URL without a user name or password",
    help: "For instance https://huggingface.co",
  });
}

// Node 20's own fetch knows no proxies; undici, which it is made of, is loaded only where there is one.
function fetchBy(environment: Environment): HubConnection["fetch"] {
  const agents = new Map<string, Dispatcher>();
  return async (url, init) => {
    const proxy = proxyFor(url, environment)?.href;
    if (proxy === undefined) return fetch(url, init);
    const undici = await import("undici");
    const dispatcher = agents.get(proxy) ?? new undici.ProxyAgent(proxy);
    agents.set(proxy, dispatcher);
    const through = { ...init, dispatcher } as UndiciInit;
    return (await undici.fetch(url, through)) as unknown as Response;
  };
}
