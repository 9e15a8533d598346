import { PrumergeError } from "../errors.js";

/** Where the hub is and how it is asked; see {@link connect} for what is taken from the environment. */
export interface HubOptions {
  /** Default: `HF_ENDPOINT`, else the public hub. http or https. */
  readonly endpoint?: string;
  /** Default: `HF_TOKEN`. Sent to the endpoint's own host only. */
  readonly token?: string;
  /** Default: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`. */
  readonly cacheDir?: string;
  /** True: use the cache alone. Default: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  readonly signal?: AbortSignal;
  /** How failed requests are repeated; for tests and slow lines. */
  readonly patience?: Partial<Patience>;
}

/** How long a server is waited for. */
export interface Patience {
  /** Attempts in a row without a single byte of progress, at least 1. Default 5. */
  readonly attempts: number;
  /** Wait before the second attempt, doubled each time up to 16 times as long, milliseconds. Default 500. */
  readonly delay: number;
  /** A connection that is silent for this long is given up and tried again, milliseconds. Default 30 000. */
  readonly silence: number;
}

/** {@link HubOptions} with the environment read and everything checked. */
export interface HubConnection {
  readonly endpoint: URL;
  readonly token: string | undefined;
  readonly cacheDir: string;
  readonly offline: boolean;
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Fills in what the caller left open, as other programs for the hub do: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`,
 * `HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`.
 *
 * @throws PrumergeError `INVALID_OPTION`; a token's value is never part of a message.
 */
export async function connect(
  options: HubOptions = {},
  environment: Environment = process.env,
): Promise<HubConnection> {
  return {
    endpoint: parseEndpoint(options.endpoint ?? given(environment.HF_ENDPOINT)),
    token: checkToken(options.token ?? given(environment.HF_TOKEN)),
    cacheDir: options.cacheDir ?? (await standardCache()),
    offline: options.offline ?? isTrue(environment.HF_HUB_OFFLINE),
    signal: options.signal,
    patience: { attempts: 5, delay: 500, silence: 30_000, ...options.patience },
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

function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new PrumergeError("INVALID_OPTION", "the token holds characters that no token has", {
    where: "HF_TOKEN",
    expected: "printable ASCII without spaces",
  });
}

// Loaded when first needed: the hub's library would otherwise cost every start of the program.
async function standardCache(): Promise<string> {
  const { getHFHubCachePath } = await import("@huggingface/hub");
  return getHFHubCachePath();
}

function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === "" ? undefined : trimmed;
}

function isTrue(value: string | undefined): boolean {
  return ["1", "ON", "YES", "TRUE"].includes((value ?? "").trim().toUpperCase());
}
