import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goldenPath } from "../../test/support/checkpoint-folder.js";
import { gitHash, HubServer, sha256 } from "../../test/support/hub-server.js";
import { ModelCache } from "./cache.js";
import { fetchCheckpoint } from "./fetch-checkpoint.js";
import { findModel } from "./find-model.js";
import { checkpointFiles } from "./model-files.js";
import { type ResolveOptions, resolveHub } from "./resolve-hub.js";

const name = "acme/tiny";
const commit = "0123456789abcdef0123456789abcdef01234567";
let cacheDir: string;
let folder: string;
let closed: string;
const notes: string[] = [];

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "prumerge-copy-"));
  folder = join(cacheDir, "models--acme--tiny");
  notes.length = 0;
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closed = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((done) => server.close(done));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true, force: true });
});

/** A cache as huggingface_hub leaves it, file by file. */
async function fill(files: Record<string, string>, revision = "main", at = commit): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const link = join(folder, "snapshots", at, ...path.split("/"));
    const blob = createHash("sha256").update(content).digest("hex");
    await mkdir(dirname(link), { recursive: true });
    await mkdir(join(folder, "blobs"), { recursive: true });
    await writeFile(join(folder, "blobs", blob), content);
    const up = "../".repeat(path.split("/").length + 1);
    await symlink(`${up}blobs/${blob}`, link);
  }
  const ref = join(folder, "refs", ...revision.split("/"));
  await mkdir(dirname(ref), { recursive: true });
  await writeFile(ref, at);
}

const whole = {
  "config.json": readFileSync(join(goldenPath("llava/tiny-llava-llama"), "config.json"), "utf8"),
  "model.safetensors": "weights",
  "tokenizer.json": "{}",
  "README.md": "# tiny",
};

const unreachable = (more: ResolveOptions = {}): ResolveOptions => ({
  endpoint: closed,
  cacheDir,
  files: checkpointFiles,
  onNote: (note) => notes.push(note),
  ...more,
});

const snapshot = () => ({ folder: join(folder, "snapshots", commit), commit });

describe("a copy that Python downloaded, and no network", () => {
  it("is used at once, and that is said", async () => {
    await fill(whole);
    const start = performance.now();
    expect(await resolveHub(name, unreachable())).toEqual(snapshot());
    expect(performance.now() - start).toBeLessThan(400); // a second attempt would wait for 500 ms first
    expect(notes).toEqual([
      expect.stringMatching(/acme\/tiny: .*ECONNREFUSED.*cache is used, commit 0123456789ab/),
    ]);
  });

  it.each([
    "v1.0",
    "refs/pr/3",
    "feature/a",
    "abc1234",
  ])("is found under the revision %s", async (revision) => {
    await fill(whole, revision);
    expect(await resolveHub(`${name}@${revision}`, unreachable())).toEqual(snapshot());
    expect((await fetchCheckpoint(name, unreachable({ revision }))).name).toBe(`${name}@${commit}`);
  });

  it("is found under its commit", async () => {
    await fill(whole, "v1.0");
    expect(await resolveHub(`${name}@${commit}`, unreachable())).toEqual(snapshot());
  });

  it.each([
    "HF_HUB_OFFLINE",
    "TRANSFORMERS_OFFLINE",
  ])("is used without a word where %s is set", async (variable) => {
    vi.stubEnv("HF_HUB_OFFLINE", undefined);
    vi.stubEnv(variable, "1");
    await fill(whole);
    expect(await resolveHub(name, unreachable())).toEqual(snapshot());
    expect(notes).toEqual([]);
  });

  it("may hold files in the place of links", async () => {
    await fill({ "config.json": whole["config.json"] });
    await writeFile(join(snapshot().folder, "model.safetensors"), "weights");
    expect(await resolveHub(name, unreachable())).toEqual(snapshot());
  });

  it("is offered for conversion, and found once it is converted", async () => {
    vi.stubEnv("XDG_CACHE_HOME", join(cacheDir, "xdg"));
    await fill(whole);
    expect(await fetchCheckpoint(name, unreachable())).toEqual({
      folder: snapshot().folder,
      name: `${name}@${commit}`,
    });
    expect(notes.length).toBe(1); // asked once, for the configuration and the weights together
    const found = await findModel(name, unreachable());
    expect(found).toMatchObject({ kind: "checkpoint", source: `${name}@${commit}`, downloadBytes: 0 });
    const converted = (found as { destination: string }).destination;
    await mkdir(converted, { recursive: true });
    await writeFile(join(converted, "config.json"), "{}");
    await rm(folder, { recursive: true });
    const start = performance.now();
    expect(await findModel(name, unreachable())).toMatchObject({ kind: "ready", folder: converted });
    expect(performance.now() - start).toBeLessThan(400);
  });

  it("is not that of another revision", async () => {
    await fill(whole, "v1.0");
    const hurry = unreachable({ patience: { attempts: 2, delay: 5 } });
    await expect(resolveHub(name, hurry)).rejects.toMatchObject({ code: "NETWORK" });
    await expect(resolveHub(name, unreachable({ offline: true }))).rejects.toMatchObject({
      code: "NOT_FOUND",
      details: { found: expect.stringContaining(commit) },
    });
  });
});

describe("half a copy", () => {
  const shards = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`w${i}`, `model-0000${i + 1}-of-0000${count}.safetensors`]),
    );
  const index = JSON.stringify({ weight_map: shards(3) });
  const config = { "config.json": whole["config.json"] };
  const manifest = JSON.stringify({ files: [{ path: "onnx/vision.onnx" }, { path: "config.json" }] });
  const external = JSON.stringify({
    "transformers.js_config": { use_external_data_format: { "decoder_model_merged.onnx": 2 } },
  });
  const exported = (graphs: string[]) =>
    Object.fromEntries(graphs.map((graph) => [`onnx/${graph}.onnx`, graph]));

  it.each<[string, Record<string, string>, string]>([
    [
      "shards of an index",
      { ...config, "model.safetensors.index.json": index, "model-00002-of-00003.safetensors": "b" },
      "no model-00001-of-00003.safetensors, model-00003-of-00003.safetensors",
    ],
    [
      "all shards",
      { ...config, "model.safetensors.index.json": index },
      "no model-00001-of-00003.safetensors, model-00002-of-00003.safetensors, model-00003-of-00003.safetensors",
    ],
    ["the index", { ...config, "model-00001-of-00001.safetensors": "a" }, "no model.safetensors.index.json"],
    ["weights", { ...config, "tokenizer.json": "{}" }, "no model.safetensors"],
    ["the configuration", { "model.safetensors": "a" }, "no config.json"],
    [
      "torch's shards",
      {
        ...config,
        "pytorch_model.bin.index.json": index
          .replaceAll("safetensors", "bin")
          .replaceAll("model-", "pytorch_model-"),
        "pytorch_model-00001-of-00003.bin": "a",
      },
      "no pytorch_model-00002-of-00003.bin, pytorch_model-00003-of-00003.bin",
    ],
    ["an adapter", { "adapter_config.json": "{}" }, "no adapter_model.safetensors"],
    ["a manifest's graphs", { ...config, "prumerge.json": manifest }, "no onnx/vision.onnx"],
    [
      "another exporter's graphs",
      { ...config, ...exported(["vision_encoder", "decoder_model_merged"]) },
      "no onnx/embed_tokens.onnx",
    ],
    [
      "weights beside a graph",
      {
        "config.json": external,
        ...exported(["vision_encoder", "embed_tokens", "decoder_model_merged"]),
        "onnx/decoder_model_merged.onnx_data": "a",
      },
      "no onnx/decoder_model_merged.onnx_data_1",
    ],
  ])("lacks %s: it is refused by the name of what is not there", async (_, files, lacking) => {
    await fill(files);
    const graphs = Object.keys(files).some((path) => path.startsWith("onnx/") || path === "prumerge.json");
    for (const offline of [true, false]) {
      const options = unreachable({ offline, patience: { attempts: 2, delay: 5 } });
      const work = graphs ? resolveHub(name, { ...options, files: (all) => all }) : resolveHub(name, options);
      await expect(work).rejects.toMatchObject({ code: "NOT_FOUND", details: { found: lacking } });
      if ("adapter_config.json" in files) continue; // no model by itself
      const missing = {
        code: "NOT_FOUND",
        details: { found: expect.stringContaining(lacking.slice(0, 12)) },
      };
      await expect(findModel(name, options)).rejects.toMatchObject(missing);
    }
  });

  it("names a link whose file is gone", async () => {
    await fill(whole);
    await unlink(join(folder, "blobs", createHash("sha256").update("weights").digest("hex")));
    await expect(resolveHub(name, unreachable({ offline: true }))).rejects.toMatchObject({
      details: { found: "no model.safetensors" },
    });
  });

  it("follows no index out of its folder", async () => {
    const evil = JSON.stringify({
      weight_map: { a: "../../../etc/passwd", b: "model-00001-of-00001.safetensors" },
    });
    await fill({ ...config, "model.safetensors.index.json": evil, "model-00001-of-00001.safetensors": "a" });
    expect(await resolveHub(name, unreachable({ offline: true }))).toEqual(snapshot());
  });

  it("is measured by the listing that huggingface_hub kept", async () => {
    const tree = readFileSync(new URL("../../test/fixtures/hub/tree.json", import.meta.url), "utf8");
    await mkdir(join(folder, "trees"), { recursive: true });
    await writeFile(join(folder, "trees", `${commit}.json`), tree);
    await fill({ "config.json": " ".repeat(21), "model.safetensors": "cut off" });
    expect(await new ModelCache(cacheDir, name).readListing(commit)).toEqual([
      { path: "config.json", size: 21, digest: { kind: "git-sha1", hex: "a".repeat(40) } },
      { path: "model.safetensors", size: 300_000, digest: { kind: "sha256", hex: "c".repeat(64) } },
    ]);
    await expect(resolveHub(name, unreachable({ offline: true }))).rejects.toMatchObject({
      details: { found: "no model.safetensors" },
    });
    await rm(join(snapshot().folder, "model.safetensors"));
    await fill({ "model.safetensors": "x".repeat(300_000) });
    const nobody = vi.fn();
    expect(await resolveHub(`${name}@${commit}`, unreachable({ onNote: nobody }))).toEqual(snapshot());
    expect(nobody).not.toHaveBeenCalled(); // nothing was asked
  });

  it.each([
    "{",
    '{"format_version":2,"files":{}}',
    '{"format_version":1,"files":{"../x":{"size":1,"blob_id":"a"}}}',
  ])("takes a listing that it does not understand for none: %s", async (text) => {
    await mkdir(join(folder, "trees"), { recursive: true });
    await writeFile(join(folder, "trees", `${commit}.json`), text);
    await fill(whole);
    expect(await resolveHub(name, unreachable({ offline: true }))).toEqual(snapshot());
  });
});

describe("whoever answers in the hub's place", () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((done) => server?.close(done) ?? done(undefined));
    server = undefined;
  });
  async function answering(listener: RequestListener): Promise<string> {
    const one = createServer(listener);
    server = one;
    await new Promise<void>((done) => one.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
  }

  it.each<[string, RequestListener]>([
    ["a page of a network that wants a login", (_, response) => response.end("<html>Welcome</html>")],
    [
      "a redirect to that page",
      (_, response) => response.writeHead(302, { location: "http://login.test/" }).end(),
    ],
    ["a proxy that has lost its way", (_, response) => response.writeHead(502).end()],
    ["a hub that is down", (_, response) => response.writeHead(503).end()],
    [
      "a hub that is asked too often",
      (_, response) => response.writeHead(429, { "retry-after": "60" }).end(),
    ],
    ["a hub that never answers", () => undefined],
    ["a connection that is cut", (_, response) => response.destroy()],
  ])("%s: the copy is used, after one request", async (_, listener) => {
    await fill(whole);
    let requests = 0;
    const endpoint = await answering((request, response) => {
      requests += 1;
      listener(request, response);
    });
    const options = unreachable({ endpoint, patience: { answerSilence: 200 } });
    expect(await resolveHub(name, options)).toEqual(snapshot());
    expect([requests, notes.length]).toEqual([1, 1]);
  });

  it.each([
    [401, "RepoNotFound", "", /no such model.*HF_HUB_OFFLINE=1 uses the copy/],
    [401, "", "Invalid credentials in Authorization header", /does not accept the token.*HF_HUB_OFFLINE=1/],
    [401, "", "", /no such model, or it is private/],
    [
      401,
      "GatedRepo",
      "Access to model acme/tiny is restricted",
      /gated.*Access to model acme\/tiny is restricted/,
    ],
    [403, "GatedRepo", "", /gated: its owner grants access \(status 403\)/],
    [403, "", "Forbidden: pass a token", /access is refused \(status 403\).*Forbidden: pass a token/],
    [404, "RepoNotFound", "", /no such model/],
    [404, "RevisionNotFound", "", /no such revision/],
    [410, "", "", /status 410/],
  ])("a hub that refuses with %i %s is believed, with the way to the copy", async (status, code, said, message) => {
    await fill(whole);
    const endpoint = await answering((_, response) => {
      response.writeHead(status, { "x-error-code": code, "x-error-message": said }).end();
    });
    await expect(resolveHub(name, unreachable({ endpoint }))).rejects.toThrow(message);
    await expect(resolveHub(name, unreachable({ endpoint }))).rejects.toThrow(
      "HF_HUB_OFFLINE=1 uses the copy",
    );
    await rm(folder, { recursive: true });
    await expect(resolveHub(name, unreachable({ endpoint }))).rejects.toSatisfy(
      (error: Error) => !error.message.includes("uses the copy"),
    );
  });

  it("does not repeat a question that a certificate ends, and names the variable", async () => {
    const failing = vi.spyOn(globalThis, "fetch").mockRejectedValue(
      new TypeError("fetch failed", {
        cause: Object.assign(new Error("self-signed certificate"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
      }),
    );
    try {
      await expect(resolveHub(name, unreachable())).rejects.toThrow(/SELF_SIGNED.*NODE_EXTRA_CA_CERTS/);
      expect(failing).toHaveBeenCalledTimes(1);
      await fill(whole);
      expect(await resolveHub(name, unreachable())).toEqual(snapshot());
    } finally {
      failing.mockRestore();
    }
  });
});

describe("a cache that is shared with Python", () => {
  it("is completed where a network is there, and files in it are links unless they must not be", async () => {
    const weights = Buffer.from("weights");
    const config = Buffer.from(whole["config.json"]);
    const hub = await HubServer.start(name, commit, {
      "config.json": { content: config },
      "model.safetensors": { content: weights, large: true },
    });
    try {
      vi.stubEnv("HF_HUB_DISABLE_SYMLINKS", "1");
      vi.stubEnv("HF_HUB_USER_AGENT_ORIGIN", "tests");
      await mkdir(join(folder, "blobs"), { recursive: true });
      await writeFile(join(folder, "blobs", gitHash(config)), config);
      const done = await resolveHub(name, { endpoint: hub.endpoint, cacheDir, offline: false });
      expect(hub.contentRequests("config.json")).toEqual([]); // Python has brought it
      const { lstatSync } = await import("node:fs");
      const link = lstatSync(join(done.folder, "model.safetensors"));
      expect([link.isFile(), link.size]).toEqual([true, weights.length]);
      expect(lstatSync(join(folder, "blobs", sha256(weights))).ino).toBe(link.ino);
      expect(new Set(hub.seen.map(({ userAgent }) => userAgent))).toEqual(
        new Set(["prumerge; origin/tests"]),
      );
    } finally {
      await hub.stop();
    }
  });
});
