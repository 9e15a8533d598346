import { readFileSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.resetModules();
  vi.doUnmock("bullmq");
  vi.doUnmock("ioredis");
});

it.each(["bullmq", "ioredis"])("a queue without %s says what to install", async (name) => {
  vi.doMock(name, () => {
    throw new Error(`Cannot find package '${name}' imported from /app/x.js`);
  });
  const { connectRedis } = await import("./connection.js");
  const error = await connectRedis("redis://127.0.0.1:1", () => {}).catch((one: unknown) => one);
  expect(error).toMatchObject({
    code: "NOT_FOUND",
    details: { where: "--queue", help: expect.stringContaining("npm install bullmq@6 ioredis@5") },
  });
});

it("what it names is what the package asks for", () => {
  const { peerDependencies } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  expect([peerDependencies.bullmq, peerDependencies.ioredis]).toEqual([
    expect.stringMatching(/^\^6\.7\./),
    expect.stringMatching(/^\^5\.11\./),
  ]);
});
