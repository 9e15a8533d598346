import { fileURLToPath } from "node:url";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { samplePath } from "../model/find-folder.js";
import { createApp } from "./app.js";
import { createServices, type ServiceOptions } from "./create-services.js";
import { ApiKeys } from "./http/authentication.js";
import { type Door, type DoorOptions, isLoopback, openDoor } from "./http/door.js";
import { NodeExchange } from "./http/exchange.js";
import { OpenRequests } from "./http/open-requests.js";
import { readSamples } from "./info.js";
import { defaultLimits, type ServerLimits } from "./limits.js";
import type { Services } from "./services.js";

export interface ServerOptions extends ServiceOptions, DoorOptions {
  /** Where it listens already; default: it takes `host` and `port`. */
  readonly door?: Door;
  /** Keys that clients must have one of; default none, everybody may ask. */
  readonly keys?: readonly string[];
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
  const limits: ServerLimits = { ...defaultLimits, ...options.limits };
  const services = await createServices(options, limits);
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
  const answer = (request: Request, bindings: unknown) =>
    app.fetch(request, { exchange: new NodeExchange(bindings as HttpBindings) });
  door.open(getRequestListener(answer, { overrideGlobalObjects: false }));
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
