import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { restrictOrigins } from "./origin.js";
import type { ServerEnv } from "./scope.js";

const app = new Hono<ServerEnv>();
app.onError((error, c) => c.text(error.message, 403));
app.use(restrictOrigins(["https://elsewhere.example"]));
app.get("/", (c) => c.text("here"));

const statusOf = async (origin: string, host: string) =>
  (await app.request("/", { headers: { origin, host } })).status;

describe("restrictOrigins", () => {
  it.each([
    ["http://localhost:8000", "localhost:8000", 200],
    ["https://pictures.example", "pictures.example", 200],
    ["https://elsewhere.example", "localhost:8000", 200],
    ["http://localhost:8000", "localhost", 403],
    ["http://localhost:8001", "localhost:8000", 403],
    ["http://another.example", "localhost:8000", 403],
    ["null", "localhost:8000", 403],
  ])("a page of %s at %s: %i", async (origin, host, status) => {
    expect(await statusOf(origin, host)).toBe(status);
  });

  it("knows the page behind the balancer, which passes on the host with its port", () => {
    const conf = readFileSync(new URL("../../../deploy/nginx.conf", import.meta.url), "utf8");
    const hosts = [...conf.matchAll(/^\s*proxy_set_header Host (\S+);/gm)].map(([, value]) => value);
    expect(hosts).toEqual(["$http_host"]);
  });
});
