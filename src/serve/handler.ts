import { PrumergeError } from "../errors.js";
import { samplePath } from "../model/find-folder.js";
import { createApp } from "./app.js";
import { createServices, type ServiceOptions } from "./create-services.js";
import { ApiKeys } from "./http/authentication.js";
import { FetchExchange } from "./http/exchange.js";
import { OpenRequests } from "./http/open-requests.js";
import { parseOrigins } from "./http/origin.js";
import { readSamples } from "./info.js";
import { defaultLimits, type ServerLimits } from "./limits.js";
import { type Log, noLog } from "./log.js";
import { pictureFetcher } from "./pictures/fetch-picture.js";
import { isStrongKey, strongKey } from "./read-keys.js";

export interface HandlerOptions
  extends Omit<ServiceOptions, "modelName" | "log" | "backend" | "fetchPicture"> {
  /** Name under which the model is served. Default `prumerge`. */
  readonly modelName?: string;
  /** Path below which the handler is mounted, where its host does not take it off: `/vision` answers `/vision/v1/models`. Default none. */
  readonly basePath?: string;
  /** Keys that clients must have one of, each of at least 16 characters. Default none: whoever the host lets through may ask. */
  readonly keys?: readonly string[];
  readonly limits?: Partial<ServerLimits>;
  /**
   * Whether pictures are fetched of https: addresses: never (default), of every public one, or also of the origins named, which
   * may be private ones.
   */
  readonly fetchPictures?: boolean | { readonly allow: readonly string[] };
  /** Origins of pages elsewhere that may ask. Default none. */
  readonly origins?: readonly string[];
  /** Default: nothing is logged. */
  readonly log?: Log;
}

/** The server's endpoints, for somebody else's server. */
export interface Handler {
  /** Answers one request; needs no `this`. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends what is under way and refuses what comes; the model stays the caller's. */
  close(): Promise<void>;
}

/**
 * The endpoints of `prumerge serve` (OpenAI's chat completions with pictures, visual tokens, models, metrics) as a function from
 * a `Request` to a `Response`, to be mounted in an own program. There is no page in it. Connections are the host's: how many
 * there may be, how long headers and bodies may take, and clients that do not read.
 *
 * @throws PrumergeError INVALID_OPTION
 */
export async function createHandler(options: HandlerOptions): Promise<Handler> {
  const { modelName = "prumerge", keys, fetchPictures = false } = options;
  const basePath = checkBasePath(options.basePath ?? "");
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const allow = typeof fetchPictures === "object" ? fetchPictures.allow : [];
  const services = await createServices(
    {
      ...options,
      modelName,
      log: options.log ?? noLog,
      ...(fetchPictures !== false && {
        fetchPicture: pictureFetcher({ limits, allow: parseOrigins("fetchPictures.allow", allow) }),
      }),
    },
    limits,
  );
  const open = new OpenRequests();
  const state = { closed: false };
  const app = createApp(services, {
    keys: keys === undefined ? undefined : new ApiKeys(checkKeys(keys)),
    page: undefined,
    samples: readSamples(samplePath("")),
    open,
    hosts: undefined,
    origins: parseOrigins("origins", options.origins ?? []),
    accepting: () => !state.closed,
  });
  return {
    async fetch(request) {
      const exchange = new FetchExchange(request.signal);
      return exchange.watch(await app.fetch(below(request, basePath), { exchange }));
    },
    async close() {
      state.closed = true;
      open.abortAll();
      services.sight.memory.clear();
      await services.backend.close();
    },
  };
}

function checkKeys(keys: readonly string[]): readonly string[] {
  const weak = keys.findIndex((key) => !isStrongKey(key));
  if (keys.length > 0 && weak < 0) return keys;
  throw new PrumergeError("INVALID_OPTION", "API keys that are too weak or cannot be sent, or none", {
    where: weak < 0 ? "keys" : `keys[${weak}]`,
    expected: strongKey,
  });
}

function checkBasePath(path: string): string {
  if (path === "" || /^(\/[\w.~-]+)+$/.test(path)) return path;
  throw new PrumergeError("INVALID_OPTION", "not a path to be mounted below", {
    where: "basePath",
    expected: "a path that begins with / and does not end in it, such as /vision",
    found: path,
  });
}

/** The request as it would be at the root; one that is not below the path stays, and is not found. */
function below(request: Request, basePath: string): Request {
  const url = new URL(request.url);
  if (basePath === "" || !(url.pathname === basePath || url.pathname.startsWith(`${basePath}/`)))
    return request;
  url.pathname = url.pathname.slice(basePath.length) || "/";
  return new Request(url, request);
}
