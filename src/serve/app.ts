import { readFile } from "node:fs/promises";
import { OpenAPIHono } from "@hono/zod-openapi";
import { version } from "../version.js";
import { answerAtOnce, answerInPieces } from "./chat/respond.js";
import { startChat } from "./chat/start-chat.js";
import { ApiError } from "./http/api-error.js";
import { type ApiKeys, requireKey } from "./http/authentication.js";
import { boundHeldBytes, limitBody } from "./http/body-limits.js";
import { closeWhileDraining, refuseWhileDraining } from "./http/draining.js";
import { errorBody, toApiError } from "./http/error-answer.js";
import type { OpenRequests } from "./http/open-requests.js";
import { requireHost, restrictOrigins } from "./http/origin.js";
import { securityHeaders, servePage } from "./http/page.js";
import { type OnEnd, requestScope, type ServerContext, type ServerEnv } from "./http/scope.js";
import { validationError } from "./http/validation-error.js";
import { type Samples, serverInfo } from "./info.js";
import { describeFailure } from "./log.js";
import { npyAnswer, seeRequested, visualTokensAnswer } from "./pictures/handle-visual-tokens.js";
import { chatRoute, infoRoute, modelRoute, modelsRoute, visualTokensRoute } from "./schema/routes.js";
import type { Services } from "./services.js";

export interface AppOptions {
  /** Undefined: everybody may ask. */
  readonly keys: ApiKeys | undefined;
  /** Folder of the built page; undefined: there is none. */
  readonly page: string | undefined;
  readonly samples: Samples;
  readonly open: OpenRequests;
  /** Host names that this server has; undefined: any. */
  readonly hosts: readonly string[] | undefined;
  /** Origins of pages elsewhere that may ask. */
  readonly origins: readonly string[];
  /** Whether new work is taken. */
  readonly accepting: () => boolean;
}

/** Every endpoint of the server. */
export function createApp(services: Services, options: AppOptions): OpenAPIHono<ServerEnv> {
  const { limits, gate, metrics, log } = services;
  const app = new OpenAPIHono<ServerEnv>({
    defaultHook: (result) => {
      // The validator hands over what it refused as well, which its type does not say.
      if (!result.success) throw validationError(result.error.issues, (result as { data?: unknown }).data);
    },
  });
  const onEnd: OnEnd = (c, { status, milliseconds }) => {
    const { id, notes } = c.get("scope");
    const route = routeOf(c);
    metrics.request(route, status, milliseconds);
    log.info({ id, method: c.req.method, route, status, milliseconds: Math.round(milliseconds), ...notes });
  };
  app.onError((error, c) => {
    services.health.failed(error);
    const refused = toApiError(error);
    if (refused.status >= 500) log.error({ id: c.get("scope")?.id, ...describeFailure(refused) });
    c.get("scope").notes.code = refused.code ?? "";
    return c.json(errorBody(refused), refused.status as 400, { ...refused.headers });
  });
  app.notFound((c) =>
    c.json(
      errorBody(
        new ApiError(404, `Unknown request URL: ${c.req.method} ${c.req.path.slice(0, 200)}.`, {
          code: "unknown_url",
        }),
      ),
      404,
    ),
  );
  app.use(securityHeaders());
  app.use(requestScope(options.open, limits, onEnd));
  app.use(closeWhileDraining(options.accepting));

  if (options.hosts !== undefined) app.use(requireHost(options.hosts));
  app.use("/v1/*", restrictOrigins(options.origins));
  app.use("/v1/*", refuseWhileDraining(options.accepting));

  app.get("/healthz", (c) =>
    services.health.ok ? c.json({ status: "ok" }) : c.json({ status: "the model fails" }, 503),
  );
  app.get("/readyz", async (c) => {
    const ready = options.accepting() && services.health.ok && (await services.backend.ready());
    return c.json({ status: ready ? "ready" : "not ready" }, ready ? 200 : 503);
  });
  app.get("/v1/prumerge/samples/:name", async (c) => {
    const path = options.samples.path(c.req.param("name"));
    if (path === undefined) return c.notFound();
    return c.body(await readFile(path), 200, {
      "Content-Type": "image/png",
      "Cache-Control": "max-age=3600",
    });
  });

  if (options.keys !== undefined) {
    const check = requireKey(options.keys);
    app.use("/v1/*", check);
    app.use("/metrics", check);
  }
  app.get("/metrics", async (c) =>
    c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType }),
  );
  app.use(
    "/v1/*",
    boundHeldBytes(limits, () => gate.retryAfter()),
  );
  app.use("/v1/*", limitBody(limits));
  addEndpoints(app, services, options);
  servePage(app, options.page);
  return app;
}

function addEndpoints(app: OpenAPIHono<ServerEnv>, services: Services, { samples }: AppOptions): void {
  const { modelName, created } = services;
  const entry = { id: modelName, object: "model" as const, created, owned_by: "prumerge" };
  app.openapi(modelsRoute, (c) => c.json({ object: "list" as const, data: [entry] }, 200));
  app.openAPIRegistry.registerPath(modelRoute);
  app.get("/v1/models/:model{.+}", (c) => {
    checkModel(c.req.param("model"), modelName);
    return c.json(entry, 200);
  });
  app.openapi(infoRoute, async (c) => c.json(await serverInfo(services, samples), 200));
  app.openapi(chatRoute, async (c) => {
    const request = c.req.valid("json");
    checkModel(request.model, modelName);
    const scope = c.get("scope");
    const started = await startChat(services, request, scope);
    return request.stream
      ? answerInPieces(services, request, started, scope)
      : answerAtOnce(services, started, scope);
  });
  app.openapi(visualTokensRoute, async (c) => {
    const request = c.req.valid("json");
    if (request.model !== undefined) checkModel(request.model, modelName);
    const seen = await seeRequested(services, request, c.get("scope"));
    if (/application\/x-npy/i.test(c.req.header("accept") ?? "")) return npyAnswer(seen);
    return c.json(visualTokensAnswer(services, request, seen), 200);
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  const memory: { openapi?: string } = {}; // made when first asked for: it takes a while
  app.get("/openapi.json", (c) => {
    memory.openapi ??= JSON.stringify(
      app.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "prumerge", version } }),
    );
    return c.body(memory.openapi, 200, { "Content-Type": "application/json" });
  });
}

function checkModel(asked: string, served: string): void {
  if (asked === served) return;
  throw new ApiError(404, `The model '${asked.slice(0, 200)}' is not served here; '${served}' is.`, {
    code: "model_not_found",
    param: "model",
  });
}

/** The path as it was registered, so that names in it are not counted apart. */
function routeOf(c: ServerContext): string {
  const known = [
    "/v1/chat/completions",
    "/v1/visual-tokens",
    "/v1/models",
    "/v1/prumerge/info",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
  ];
  if (known.includes(c.req.path)) return c.req.path;
  if (c.req.path.startsWith("/v1/models/")) return "/v1/models/:model";
  return c.req.path.startsWith("/v1/prumerge/samples/") ? "/v1/prumerge/samples/:name" : "other";
}
