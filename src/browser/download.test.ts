import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Downloads } from "./download.js";

const url = "http://models.test/config.json";
const kept = () => new Response("kept", { headers: { etag: '"1"' } });

/** Statuses and tags that the server answers with; undefined: no answer. */
let head: { status: number; etag?: string } | undefined;
let get: { status: number };
let asked: string[] = [];
beforeEach(() => {
  asked = [];
  get = { status: 200 };
  const files = new Map([[url, kept()]]);
  const store = {
    match: async (address: string) => files.get(address)?.clone(),
    put: async (address: string, response: Response) => void files.set(address, response),
    delete: async (address: string) => files.delete(address),
  };
  vi.stubGlobal("caches", { open: async () => store });
  vi.stubGlobal("fetch", async (_: string, { method = "GET" }: RequestInit) => {
    asked.push(method);
    if (method === "GET") return new Response("fetched", get);
    if (head === undefined) throw new TypeError("Failed to fetch");
    const { status, etag } = head;
    return new Response(null, { status, headers: etag === undefined ? {} : { etag } });
  });
});
afterEach(() => vi.unstubAllGlobals());

const text = () => new Downloads({ cache: "prumerge" }).text(url);

describe("a kept file", () => {
  it.each([
    ["file is as it was", { status: 200, etag: '"1"' }],
    ["address does not answer", undefined],
    ["program knows no HEAD", { status: 405 }],
    ["program has not learnt HEAD", { status: 501 }],
    ["program is out of order", { status: 503 }],
  ])("is used where the server's %s", async (_, answer) => {
    head = answer;
    expect(await text()).toBe("kept");
    expect(asked).toEqual(["HEAD"]);
  });

  it.each([
    ["another one", { status: 200, etag: '"2"' }],
    ["one without a mark", { status: 200 }],
    ["one that only GET may have", { status: 403 }],
  ])("gives way to %s", async (_, answer) => {
    head = answer;
    expect(await text()).toBe("fetched");
  });

  it.each([
    [404, "NOT_FOUND"],
    [410, "NETWORK"],
    [401, "NETWORK"],
    [403, "NETWORK"],
  ])("is not used where the server says %i", async (status, code) => {
    head = { status };
    get = { status };
    await expect(text()).rejects.toMatchObject({ code });
    expect(asked).toEqual(["HEAD", "GET"]);
  });
});
