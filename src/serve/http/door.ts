import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { PrumergeError } from "../../errors.js";
import { defaultLimits, type ServerLimits } from "../limits.js";
import { ApiError } from "./api-error.js";
import { errorBody } from "./error-answer.js";

/** An address that is listened on. Until there is something to serve, whoever asks is told that it is loading. */
export interface Door {
  readonly server: Server;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  /** From now on requests go there. */
  open(listener: RequestListener): void;
}

export interface DoorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 8000; 0 takes any that is free. */
  readonly port?: number;
  readonly limits?: Partial<ServerLimits>;
}

const defaultHost = "127.0.0.1";

/**
 * Takes a port, which is best done before a model is loaded: that may take minutes.
 *
 * @throws PrumergeError INVALID_OPTION where the address cannot be listened on
 */
export async function openDoor({
  host = defaultHost,
  port = 8000,
  limits: some,
}: DoorOptions): Promise<Door> {
  const limits = { ...defaultLimits, ...some };
  const inside: { listener: RequestListener } = { listener: answerWhileLoading };
  const server = createServer(
    {
      headersTimeout: limits.headersMilliseconds,
      requestTimeout: limits.bodyMilliseconds,
      connectionsCheckingInterval: 1000,
      keepAliveTimeout: 75_000,
    },
    (request, response) => inside.listener(request, response),
  );
  server.maxConnections = limits.connections;
  const taken = await listen(server, host, port);
  return {
    server,
    host,
    port: taken,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    open(listener) {
      inside.listener = listener;
    },
  };
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(host = defaultHost): boolean {
  if (host.toLowerCase() === "localhost") return true;
  return isIP(host) !== 0 && ipaddr.process(host).range() === "loopback";
}

/** Alive, but not ready: a balancer sends nothing here, and a supervisor does not start it again. */
const answerWhileLoading: RequestListener = (request, response) => {
  const path = request.url?.split("?")[0];
  const [status, body] =
    path === "/healthz"
      ? [200, { status: "ok" }]
      : path === "/readyz"
        ? [503, { status: "loading" }]
        : [503, errorBody(new ApiError(503, "The model is loading. Try again later.", { code: "loading" }))];
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    Connection: "close", // what is left of its body is not read
    ...(status === 503 && { "Retry-After": "1" }),
  });
  response.end(JSON.stringify(body));
};

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new PrumergeError("INVALID_OPTION", "the server cannot listen there", {
          where: `${host}:${port}`,
          found: cause.code ?? cause.message,
          ...(cause.code === "EADDRINUSE" && { help: "Choose another port with --port" }),
          cause,
        }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
