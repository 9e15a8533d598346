import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ask, sampleUrl, type TestServer, testServer } from "../../test/support/serve.js";
import { samplePath } from "../model/find-folder.js";
import { loadModel } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { densePlan, pruMergePlus } from "../reduce/index.js";
import { parseOrigins } from "./http/origin.js";
import type { Info } from "./schema/info.js";
import type { VisualTokensAnswer } from "./schema/visual-tokens.js";
import type { ServerOptions } from "./server.js";

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});
afterAll(() => model.dispose());

const open: TestServer[] = [];
const start = async (options: Partial<ServerOptions> = {}) => {
  const server = await testServer(model, options);
  open.push(server);
  return server;
};
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const question = { model: "pocket-llava", messages: [ask("Where is the bear?", sampleUrl(3))] };

/** Status of a request with headers that fetch does not let through. */
function status(server: TestServer, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    })
      .on("error", reject)
      .end();
  });
}

describe("keys", () => {
  const keys = ["0123456789abcdef-one", "0123456789abcdef-two"];

  it("are wanted below /v1 and for /metrics, and nowhere else", async () => {
    const server = await start({ keys });
    const of = async (path: string, key?: string) =>
      (
        await fetch(`${server.url}${path}`, {
          headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        })
      ).status;
    for (const path of ["/v1/models", "/v1/prumerge/info", "/metrics", "/v1/nothing"]) {
      expect(await of(path)).toBe(401);
      expect(await of(path, "0123456789abcdef-onf")).toBe(401);
      expect(await of(path, keys[0]!.slice(0, -1))).toBe(401);
      expect(await of(path, keys[0])).toBe(path === "/v1/nothing" ? 404 : 200);
      expect(await of(path, keys[1])).toBe(path === "/v1/nothing" ? 404 : 200);
    }
    for (const path of ["/", "/healthz", "/readyz", "/openapi.json", "/v1/prumerge/samples/sample_1.png"]) {
      expect(await of(path)).toBe(200);
    }
  });

  it("are checked before a body is read, and stand in no log", async () => {
    const server = await start({ keys });
    const refused = await server.post("/v1/chat/completions", "{", {
      headers: { authorization: "Bearer nobody-knows" },
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect(await refused.json()).toMatchObject({
      error: { code: "invalid_api_key", type: "invalid_request_error" },
    });
    expect((await server.client.models.list()).data).toHaveLength(1);
    expect(server.lines.join("")).not.toMatch(/0123456789|nobody-knows|Bearer/);
  });
});

describe("who may ask", () => {
  it("under which names: its own address, localhost and those given", async () => {
    const server = await start({ hosts: ["pictures.example.org"] });
    const under = (host: string) => status(server, "/healthz", { host });
    expect(await under(`127.0.0.1:${server.port}`)).toBe(200);
    expect(await under("localhost")).toBe(200);
    expect(await under("[::1]:8000")).toBe(200);
    expect(await under("Pictures.example.org:8000")).toBe(200);
    expect(await under("rebound.example.net")).toBe(421);
    expect(await under("127.0.0.1.example.net")).toBe(421);
  });

  it("from which pages: its own and those given", async () => {
    const server = await start({ origins: ["https://example.org"] });
    const from = (origin: string) => fetch(`${server.url}/v1/models`, { headers: { origin } });
    expect((await from(server.url)).status).toBe(200);
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("null")).status).toBe(403);
    const allowed = await from("https://example.org");
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([
      200,
      "https://example.org",
    ]);
    const preflight = await fetch(`${server.url}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: {
        origin: "https://example.org",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toMatch(/authorization/);
  });

  it("is told in every answer, also in those that a handler makes itself", async () => {
    const server = await start({ origins: ["https://example.org"] });
    const chat = ["/v1/chat/completions", { ...question, max_tokens: 1 }] as const;
    const picture = ["/v1/visual-tokens", { image_url: { url: sampleUrl(3) } }] as const;
    const answers = [
      await server.post(...chat, { headers: { origin: "https://example.org" } }),
      await server.post(
        chat[0],
        { ...chat[1], stream: true },
        { headers: { origin: "https://example.org" } },
      ),
      await server.post(chat[0], "{", { headers: { origin: "https://example.org" } }),
      await server.post(...picture, {
        headers: { origin: "https://example.org", accept: "application/x-npy" },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400, 200]);
    for (const { headers } of answers) {
      expect(headers.get("access-control-allow-origin")).toBe("https://example.org");
      expect(headers.get("vary")).toBe("Origin");
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  });

  it("is told in origins alone", () => {
    expect(parseOrigins("here", ["https://Example.org:443/"])).toEqual(["https://example.org"]);
    for (const wrong of ["example.org", "ftp://example.org", "https://example.org/path", "*"]) {
      expect(() => parseOrigins("here", [wrong])).toThrow(/not an origin/);
    }
  });
});

describe("the page", () => {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(join(folder, "assets", "app-1234.js"), "export {};");
  writeFileSync(join(folder, "..", "prumerge-outside.txt"), "outside");
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(folder, "..", "prumerge-outside.txt"), { force: true });
  });

  it("is served with headers that let it load nothing from elsewhere", async () => {
    const server = await start({ page: folder });
    const page = await fetch(server.url);
    expect(await page.text()).toContain("<title>page</title>");
    const policy = page.headers.get("content-security-policy")!;
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'self'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(page.headers.get("x-content-type-options")).toBe("nosniff");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    expect(page.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(page.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const script = await fetch(`${server.url}/assets/app-1234.js`);
    expect(script.headers.get("content-type")).toMatch(/javascript/);
    expect(script.headers.get("cache-control")).toMatch(/immutable/);
    expect((await fetch(`${server.url}/v1/models`)).status).toBe(200);
  });

  it("is all that is served", async () => {
    const server = await start({ page: folder });
    for (const path of [
      "/../prumerge-outside.txt",
      "/..%2fprumerge-outside.txt",
      "/assets/../../prumerge-outside.txt",
      "/assets/%2e%2e/%2e%2e/prumerge-outside.txt",
      "/%2e%2e%2fprumerge-outside.txt",
      "//etc/passwd",
      "/assets",
      "/nothing",
    ]) {
      expect([path, await status(server, path, {})]).toEqual([path, 404]);
    }
  });
});

describe("visual tokens", () => {
  it("are the library's, as a .npy file and as JSON", async () => {
    const server = await start();
    const body = { image_url: { url: sampleUrl(3) }, prumerge: { visual_tokens: 16 } };
    const json = (await (await server.post("/v1/visual-tokens", body)).json()) as VisualTokensAnswer;
    const file = await server.post("/v1/visual-tokens", body, { headers: { accept: "application/x-npy" } });
    const bytes = Buffer.from(await file.arrayBuffer());
    const seen = await model.see(samplePath("sample_3.png"), pruMergePlus({ tokens: 16 }));
    expect(json.shape).toEqual([16, model.spec.language.hiddenSize]);
    expect(Buffer.from(json.embeddings!, "base64").equals(bytes)).toBe(true);
    const rows = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + bytes.length - seen.embeddings.data.byteLength),
    );
    expect(rows).toEqual(seen.embeddings.data);
    expect(json.inspection).toBeUndefined();
    const plan = {
      patches: json.plan.patches,
      grid: json.plan.grid,
      keptPatches: Int32Array.from(json.plan.kept_patches),
      offsets: Int32Array.from(json.plan.offsets),
      columns: Int32Array.from(json.plan.columns),
      weights: Float32Array.from(json.plan.weights),
    };
    expect(densePlan(plan)).toEqual(densePlan(seen.plan));
  });

  it("come with where they are from", async () => {
    const server = await start();
    const body = { image_url: { url: sampleUrl(5) }, embeddings: false, inspect: true };
    const answer = (await (await server.post("/v1/visual-tokens", body)).json()) as VisualTokensAnswer;
    expect(answer.embeddings).toBeUndefined();
    const { tokens, classAttention, outliers, picture } = answer.inspection!;
    expect(tokens.length).toBe(answer.picture.visual_tokens);
    expect(classAttention).toHaveLength(576);
    const above = classAttention!.filter((value) => value > outliers!.fence).length;
    expect(above).toBe(outliers!.outliers);
    const { width, height } = readPngSize(readFileSync(samplePath("sample_5.png")));
    expect(picture).toEqual({ width, height });
  });
});

describe("positions", () => {
  const { messages } = question;
  const at = (positions: unknown) => ({
    model: "pocket-llava",
    messages,
    max_tokens: 4,
    prumerge: { visual_tokens: 16, positions },
  });
  const report = async (server: TestServer, body: unknown) => {
    const answer = (await (await server.post("/v1/chat/completions", body)).json()) as {
      prumerge: { pictures: { positions?: string; remembered: boolean }[] };
    };
    const { positions, remembered } = answer.prumerge.pictures[0]!;
    return [positions, remembered];
  };

  it("are a request's or the server's, and what is remembered is so for them", async () => {
    const server = await start();
    expect(await report(server, at("original"))).toEqual(["original", false]);
    expect(await report(server, at(undefined))).toEqual([undefined, false]);
    expect(await report(server, at(""))).toEqual([undefined, true]);
    expect(await report(server, at("contiguous"))).toEqual([undefined, true]);
    expect(await report(server, at("original"))).toEqual(["original", true]);
    expect(await report(server, at("far"))).toEqual(["far", false]);
    expect(await report(server, at("far"))).toEqual(["far", true]);
    const other = await start({ defaultPositions: "original" });
    expect(await report(other, at(null))).toEqual(["original", false]);
    expect(await report(other, at("contiguous"))).toEqual([undefined, false]);
    const info = (await (await fetch(`${other.url}/v1/prumerge/info`)).json()) as Info;
    expect(info.default.positions).toBe("original");
  });

  it("are refused by name where they are no such word", async () => {
    const server = await start();
    for (const positions of ["middle", 1, ["original"]]) {
      const answer = await server.post("/v1/chat/completions", at(positions));
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: { param: "prumerge.positions" } });
    }
  });

  it("come with visual tokens, which a .npy file cannot say", async () => {
    const server = await start();
    const body = {
      image_url: { url: sampleUrl(3) },
      embeddings: false,
      prumerge: { method: "prumerge", visual_tokens: 16, positions: "original" },
    };
    const json = (await (await server.post("/v1/visual-tokens", body)).json()) as VisualTokensAnswer;
    expect(json.picture.positions).toBe("original");
    expect(json.place).toEqual({ at: [...json.plan.kept_patches.slice(0, -1), 300], advance: 576 });
    const file = await server.post("/v1/visual-tokens", body, { headers: { accept: "application/x-npy" } });
    expect(file.status).toBe(400);
    expect(await file.json()).toMatchObject({ error: { param: "prumerge.positions" } });
    const plain = { ...body, prumerge: { visual_tokens: 16 } };
    const there = (await (await server.post("/v1/visual-tokens", plain)).json()) as VisualTokensAnswer;
    expect(there.place).toBeUndefined();
  });
});

describe("a picture", () => {
  it("is remembered by its bytes and settings: the second question skips encoding and most of the prefill", async () => {
    const server = await start();
    const run = async (change: object = {}) => {
      const answer = await server.client.chat.completions.create({ ...question, ...change } as never);
      const { pictures } = (answer as never as { prumerge: { pictures: { remembered: boolean }[] } })
        .prumerge;
      const { prompt_tokens: prompt, prompt_tokens_details: details } = answer.usage!;
      return { remembered: pictures[0]!.remembered, fresh: prompt - details!.cached_tokens!, prompt };
    };
    const cold = await run();
    expect([cold.remembered, cold.fresh]).toEqual([false, cold.prompt]);
    const warm = await run({ messages: [ask("What is the word?", sampleUrl(3))] });
    expect(warm.remembered).toBe(true);
    expect(warm.fresh).toBeLessThan(20);
    expect((await run({ prumerge: { visual_tokens: 20 } })).remembered).toBe(false);
    expect((await run({ prumerge: { image_aspect: "pad" } })).remembered).toBe(false);
    expect((await run({ messages: [ask("Where is the bear?", sampleUrl(1))] })).remembered).toBe(false);
    const anew = await run({ prumerge: { remember: false } });
    expect([anew.remembered, anew.fresh]).toEqual([false, anew.prompt]);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const value = (name: string) =>
      Number(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\S+)`, "m").exec(metrics)?.[1]);
    expect(value('prumerge_pictures_total{remembered="true"}')).toBe(1);
    expect(value('prumerge_pictures_total{remembered="false"}')).toBe(5);
    expect(value("prumerge_picture_memory_pictures")).toBe(4);
    expect(value("prumerge_picture_memory_bytes")).toBe(server.services.sight.memory.bytes);
    expect(value("prumerge_prefix_memory_bytes")).toBeGreaterThan(0);
    expect(value("prumerge_cached_prompt_tokens_total")).toBeGreaterThan(0);
    expect(value('prumerge_first_token_seconds_count{picture="warm"}')).toBe(1);
    expect(value('prumerge_first_token_seconds_count{picture="cold"}')).toBe(5);
  });

  it("is encoded once where many ask about it at the same time", async () => {
    const server = await start();
    const runs = Array.from({ length: 8 }, () => server.client.chat.completions.create(question));
    const texts = (await Promise.all(runs)).map(({ choices }) => choices[0]!.message.content);
    expect(new Set(texts).size).toBe(1);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^prumerge_pictures_total\{remembered="false"\} 1$/m);
    expect(metrics).toMatch(/^prumerge_encode_seconds_count 1$/m);
  });

  it("is forgotten when the memory is full, and its prefix with it", async () => {
    const server = await start({ pictureMemoryBytes: 150_000 });
    const before = model.prefixMemory.prompts;
    for (const number of [1, 2, 3, 5] as const) {
      await server.client.chat.completions.create({
        ...question,
        messages: [ask("What is this?", sampleUrl(number))],
        prumerge: { visual_tokens: 64 },
      } as never);
    }
    const { memory } = server.services.sight;
    expect(memory.bytes).toBeLessThanOrEqual(150_000);
    expect(memory.pictures).toBeLessThan(4);
    expect(memory.evictions).toBe(4 - memory.pictures);
    await server.close();
    await expect.poll(() => model.prefixMemory.prompts).toBeLessThanOrEqual(before);
  });
});

describe("what the server is", () => {
  it("is told to programs that draw controls for it", async () => {
    const server = await start();
    const info = (await (await fetch(`${server.url}/v1/prumerge/info`)).json()) as Info;
    expect(info.model).toMatchObject({
      id: "pocket-llava",
      grid: { rows: 24, columns: 24 },
      unreduced_tokens: 576,
      tiles: false,
      videos: false,
      pixels: null,
      positions: ["contiguous", "original", "tight", "far"],
      row_bias: true,
    });
    expect(info.default.method).toBe("prumerge+");
    expect(info.methods.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["prumerge", "uniform", "none"]),
    );
    for (const { name, budgets, visual_tokens, reads_question } of info.methods) {
      const body = {
        image_url: { url: sampleUrl(2) },
        embeddings: false,
        prumerge: { method: name },
        ...(reads_question && { question: "Is there a cat?" }),
      };
      const answer = await server.post("/v1/visual-tokens", body);
      expect([name, answer.status]).toEqual([name, 200]);
      const { picture } = (await answer.json()) as { picture: { budget: string } };
      expect(picture.budget).toBe(visual_tokens);
      const counted = { ...body, prumerge: { method: name, visual_tokens: 9 } };
      const status = (await server.post("/v1/visual-tokens", counted)).status;
      expect([name, status]).toEqual([name, budgets.includes("exact") ? 200 : 400]);
    }
    expect(info.samples.length).toBe(4);
    for (const { url, name } of info.samples) {
      const sample = await fetch(`${server.url}${url}`);
      expect(sample.headers.get("content-type")).toBe("image/png");
      expect(Buffer.from(await sample.arrayBuffer()).equals(readFileSync(samplePath(name)))).toBe(true);
    }
  });

  it("is described by /openapi.json, every endpoint of it", async () => {
    const server = await start();
    const description = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(description.paths).sort()).toEqual([
      "/v1/chat/completions",
      "/v1/models",
      "/v1/models/{model}",
      "/v1/prumerge/info",
      "/v1/visual-tokens",
    ]);
  });
});

function readPngSize(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
