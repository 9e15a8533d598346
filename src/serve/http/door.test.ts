import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { isLoopback, openDoor } from "./door.js";

describe("a door", () => {
  it("says that it is loading until there is something to serve", async () => {
    const door = await openDoor({ port: 0 });
    const of = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${door.url}${path}`, init);
      return [answer.status, await answer.json(), answer.headers.get("retry-after")];
    };
    expect(await of("/healthz")).toEqual([200, { status: "ok" }, null]);
    expect(await of("/readyz")).toEqual([503, { status: "loading" }, "1"]);
    const asked = await of("/v1/chat/completions", { method: "POST", body: "x".repeat(100_000) });
    expect(asked).toMatchObject([503, { error: { code: "loading", type: "server_error" } }, "1"]);
    door.open((_request, response) => response.end("[]"));
    expect(await of("/readyz")).toEqual([200, [], null]);
    door.server.close();
  });

  it("is not there twice", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    await expect(openDoor({ port })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/cannot listen there; found EADDRINUSE. Choose another port/),
    });
    other.close();
  });

  it.each([
    [undefined, true],
    ["localhost", true],
    ["127.0.0.1", true],
    ["127.9.9.9", true],
    ["::1", true],
    ["0:0:0:0:0:0:0:1", true],
    ["::ffff:127.0.0.1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["192.168.1.2", false],
    ["127.example.org", false],
    ["pictures.example.org", false],
  ])("at %s is reached from this machine alone: %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
