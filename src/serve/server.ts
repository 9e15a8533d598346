import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { samplePath } from "../model/find-folder.js";
import type { LoadedModel } from "../model/model.js";
import type { Budget, Reducer } from "../reduce/index.js";
import type { Positions } from "../see/row-place.js";
import { createApp } from "./app.js";
import type { Backend } from "./backend/backend.js";
import { LocalBackend } from "./backend/local.js";
import { Gate } from "./gate.js";
import { Health } from "./health.js";
import { ApiKeys } from "./http/authentication.js";
import { type Door, type DoorOptions, isLoopback, openDoor } from "./http/door.js";
import { OpenRequests } from "./http/open-requests.js";
import { readSamples } from "./info.js";
import { defaultLimits, type ServerLimits } from "./limits.js";
import type { Log } from "./log.js";
import { Metrics } from "./metrics.js";
import type { FetchPicture } from "./pictures/picture-reader.js";
import { SeenMemory } from "./pictures/seen-memory.js";
import type { Services } from "./services.js";

export interface ServerOptions extends DoorOptions {
  readonly model: LoadedModel;
  /** Name under which the model is served. */
  readonly modelName: string;
  readonly log: Log;
  /** Where it listens already; default: it takes `host` and `port`. */
  readonly door?: Door;
  /** Keys that clients must have one of; default none, everybody may ask. */
  readonly keys?: readonly string[];
  /** Default: the model's own language model. */
  readonly backend?: Backend;
  /** What requests get that ask for no reduction. Default: the model's own. */
  readonly defaultReducer?: Reducer;
  /** Visual tokens of requests that ask for a method or an option of it, and name no count. Default: the method's own. */
  readonly defaultBudget?: Budget;
  /** Where kept rows stand in prompts of requests that do not say. Default: one after another. */
  readonly defaultPositions?: Positions;
  /** Bytes of remembered visual tokens. Default 256 MiB. */
  readonly pictureMemoryBytes?: number;
  /** Fetches pictures of https: addresses; default: they are refused. */
  readonly fetchPicture?: FetchPicture;
  /** Folder of the built page; default dist/app. */
  readonly page?: string;
  /** Names under which clients may reach the server. Default: any, on a loopback address `localhost` alone. */
  readonly hosts?: readonly string[];
  /** Origins of pages elsewhere that may ask. Default none. */
  readonly origins?: readonly string[];
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  /** Takes no new work, lets what is under way end within its time, and closes. */
  drain(): Promise<void>;
  /** Ends what is under way, and closes. */
  close(): Promise<void>;
}

/** How long a connection may be idle while the server drains. */
const idleMilliseconds = 250;

/** src/ and dist/ are equally deep. */
const builtPage = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../dist/app" : "../app", import.meta.url),
);

/**
 * Starts the server. The model stays the caller's.
 *
 * @throws PrumergeError INVALID_OPTION where the address cannot be listened on, or the model takes no such positions
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  await options.model.checkPositions(options.defaultPositions ?? options.model.defaultPositions);
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const services = createServices(options, limits);
  const open = new OpenRequests();
  const state = { draining: false };
  const door = options.door ?? (await openDoor(options));
  const { server } = door;
  const app = createApp(services, {
    keys: options.keys === undefined ? undefined : new ApiKeys(options.keys),
    page: options.page ?? builtPage,
    samples: readSamples(samplePath("")),
    open,
    hosts: options.hosts ?? (isLoopback(door.host) ? [] : undefined),
    origins: options.origins ?? [],
    accepting: () => !state.draining,
  });
  door.open(getRequestListener(app.fetch as never, { overrideGlobalObjects: false }));
  const watch = setInterval(() => open.cutStuck(), limits.stalledMilliseconds);
  const closed = new Promise<void>((resolve) => server.once("close", resolve)).finally(() =>
    clearInterval(watch),
  );
  const close = async () => {
    state.draining = true;
    server.close();
    open.abortAll();
    server.closeAllConnections();
    await closed;
    services.sight.memory.clear();
    await services.backend.close();
  };
  return {
    url: door.url,
    port: door.port,
    services,
    close,
    async drain() {
      state.draining = true;
      server.close();
      const timer = setTimeout(() => void close(), limits.drainMilliseconds);
      // Closing takes the connections that are idle now; those that become so would keep the server open.
      const idle = setInterval(() => server.closeIdleConnections(), idleMilliseconds);
      await closed.finally(() => {
        clearTimeout(timer);
        clearInterval(idle);
      });
      await services.backend.close();
    },
  };
}

function createServices(options: ServerOptions, limits: ServerLimits): Services {
  const { model, modelName, log, fetchPicture } = options;
  const gate = new Gate(limits.running, limits.waiting);
  const memory = new SeenMemory(options.pictureMemoryBytes ?? 256 * 2 ** 20, (seen) => {
    model.forget(seen).catch(() => undefined); // an engine that has ended holds nothing any more
  });
  return {
    modelName,
    created: Math.floor(Date.now() / 1000),
    model,
    sight: {
      model,
      defaultReducer: options.defaultReducer ?? model.defaultReducer,
      defaultBudget: options.defaultBudget,
      defaultPositions: options.defaultPositions ?? options.model.defaultPositions,
      memory,
      limits,
      fetchPicture,
    },
    backend: options.backend ?? new LocalBackend(model, limits),
    gate,
    limits,
    log,
    health: new Health(),
    metrics: new Metrics({
      running: () => gate.running,
      waiting: () => gate.waiting,
      pictureBytes: () => memory.bytes,
      pictures: () => memory.pictures,
      prefixBytes: () => model.prefixMemory.bytes,
      prefixes: () => model.prefixMemory.prompts,
    }),
  };
}
