import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { secureHeaders } from "hono/secure-headers";
import type { ServerEnv } from "./scope.js";

const self = "'self'";
const none = "'none'";

/** Headers of every answer; the page loads from here alone, and nothing may frame it. */
export function securityHeaders() {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: [none],
      scriptSrc: [self],
      styleSrc: [self],
      imgSrc: [self, "data:", "blob:"],
      fontSrc: [self],
      connectSrc: [self],
      workerSrc: [self],
      manifestSrc: [self],
      baseUri: [none],
      formAction: [none],
      frameAncestors: [none],
    },
    crossOriginEmbedderPolicy: "require-corp",
    crossOriginOpenerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], usb: [], payment: [] },
    referrerPolicy: "no-referrer",
    // Whether the host is reached by TLS alone is for whoever ends TLS to say.
    strictTransportSecurity: false,
    xFrameOptions: "DENY",
  });
}

/** Serves the built page; without one, `/` says where the API is. */
export function servePage(app: OpenAPIHono<ServerEnv>, folder: string | undefined): void {
  if (folder === undefined || !existsSync(join(folder, "index.html"))) {
    app.get("/", (c) => c.text("prumerge serves its API at /v1/; /openapi.json describes it.\n"));
    return;
  }
  app.get("/*", async (c, next) => {
    await next();
    if (c.res.status !== 200) return;
    // Vite names what lies in assets/ by its contents.
    const fixed = c.req.path.startsWith("/assets/");
    c.header("Cache-Control", fixed ? "public, max-age=31536000, immutable" : "no-cache");
  });
  app.get("/*", serveStatic<ServerEnv>({ root: folder }));
}
