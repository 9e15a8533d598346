import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scanCachedRepo } from "@huggingface/hub";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gitHash, HubServer, sha256 } from "../../test/support/hub-server.js";
import type { ErrorCode } from "../errors.js";
import { PrumergeError } from "../errors.js";
import { ModelCache } from "./cache.js";
import type { FileSelection } from "./model-files.js";
import { listHub, type ResolveOptions, resolveHub } from "./resolve-hub.js";

const name = "some-owner/Some.Model_1";
const commit = "0123456789abcdef0123456789abcdef01234567";
const weights = randomBytes(300_000);
const config = Buffer.from('{"model_type":"llava"}');
const blobs = (cacheDir: string) => join(cacheDir, "models--some-owner--Some.Model_1", "blobs");

let server: HubServer;
let cacheDir: string;

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "prumerge-hub-"));
  server = await HubServer.start(name, commit, {
    "config.json": { content: config },
    "empty.txt": { content: Buffer.alloc(0) },
    "onnx/model.onnx": { content: randomBytes(5_000) },
    "model.safetensors": { content: weights, large: true },
    "name with #, ? and %41.json": { content: Buffer.from("{}") },
  });
});

afterEach(async () => {
  await server.stop();
  await rm(cacheDir, { recursive: true, force: true });
});

function options(more: ResolveOptions = {}): ResolveOptions {
  const patience = { attempts: 3, delay: 5, silence: 10_000 };
  return { endpoint: server.endpoint, cacheDir, offline: false, patience, ...more };
}

const only =
  (...paths: string[]): FileSelection =>
  (files) =>
    files.filter(({ path }) => paths.includes(path));

async function refusal(work: Promise<unknown>, code: ErrorCode): Promise<PrumergeError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PrumergeError);
  expect((error as PrumergeError).code).toBe(code);
  return error as PrumergeError;
}

const read = (folder: string, path: string) => readFile(join(folder, path));

describe("downloading", () => {
  it("fills the standard layout, which the hub's own library can read", async () => {
    const { folder, commit: found } = await resolveHub(name, options());
    expect(found).toBe(commit);
    expect(folder).toBe(join(cacheDir, "models--some-owner--Some.Model_1", "snapshots", commit));
    for (const [path, { content }] of server.files) expect(await read(folder, path)).toEqual(content);
    expect(await readlink(join(folder, "model.safetensors"))).toBe(`../../blobs/${sha256(weights)}`);
    expect(await readlink(join(folder, "onnx", "model.onnx"))).toMatch(
      /^\.\.\/\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/,
    );
    expect((await readdir(blobs(cacheDir))).sort()).toContain(gitHash(config));
    const scanned = await scanCachedRepo(join(cacheDir, "models--some-owner--Some.Model_1"));
    expect(scanned.id).toEqual({ type: "model", name });
    expect(scanned.revisions).toHaveLength(1);
    expect(scanned.revisions[0]).toMatchObject({ commitOid: commit, refs: ["main"] });
  });

  it("fetches only what is needed and tells how far it is", async () => {
    const steps: { file: string; bytes: number; total: number }[] = [];
    const files = only("config.json", "model.safetensors");
    const { folder } = await resolveHub(name, options({ files, onProgress: (step) => steps.push(step) }));
    expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors"]);
    const total = config.length + weights.length;
    expect(steps.every((step) => step.total === total)).toBe(true);
    expect(steps.at(-1)).toEqual({ file: "model.safetensors", bytes: total, total });
    const counts = steps.map(({ bytes }) => bytes);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it("asks nothing for a commit that is complete in the cache, and once for a branch", async () => {
    await resolveHub(name, options());
    server.seen.length = 0;
    await resolveHub(`${name}@${commit}`, options());
    expect(server.seen).toEqual([]);
    await resolveHub(name, options());
    expect(server.seen.map(({ path }) => path)).toEqual([`/api/models/${name}/revision/main`]);
  });

  it("pins a tag and a commit", async () => {
    expect((await resolveHub(`${name}@v1.0`, options())).commit).toBe(commit);
    expect((await resolveHub(name, options({ revision: commit }))).commit).toBe(commit);
    const refs = join(cacheDir, "models--some-owner--Some.Model_1", "refs");
    expect(await readdir(refs)).toEqual(["v1.0"]);
    expect(await readFile(join(refs, "v1.0"), "utf8")).toBe(commit);
  });

  it("lists without fetching, and counts what is missing", async () => {
    await resolveHub(name, options({ files: only("config.json") }));
    const listing = await listHub(name, options());
    expect(listing.files.map(({ path }) => path).sort()).toEqual([...server.files.keys()].sort());
    const some = only("config.json", "model.safetensors")(listing.files);
    expect(await listing.missingBytes(some)).toBe(weights.length);
    expect(server.contentRequests("model.safetensors")).toEqual([]);
  });

  it("writes nothing to standard output", async () => {
    const written = vi.spyOn(process.stdout, "write");
    const spies = [
      written,
      ...(["log", "info", "debug"] as const).map((method) => vi.spyOn(console, method)),
    ];
    try {
      await resolveHub(name, options());
      for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});

describe("broken connections", () => {
  it("continues where each cut happened, without losing or repeating a byte", async () => {
    // Five answers for three attempts: only failures without progress count.
    server.faults.cutAfter = 60_000;
    const { folder } = await resolveHub(name, options({ files: only("model.safetensors") }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
    const ranges = server.contentRequests("model.safetensors").map(({ range }) => range);
    expect(ranges).toEqual([undefined, ...[60, 120, 180, 240].map((start) => `bytes=${start}000-`)]);
  });

  it("continues in a later run what an earlier one left behind", async () => {
    server.faults.stallAfter = 200_000;
    const stop = new AbortController();
    const onProgress = ({ bytes }: { bytes: number }) => bytes >= 200_000 && stop.abort();
    const files = only("model.safetensors");
    const error = await refusal(
      resolveHub(name, options({ files, signal: stop.signal, onProgress: (step) => void onProgress(step) })),
      "ABORTED",
    );
    expect(error.message).toContain("continues there");
    expect(await readdir(blobs(cacheDir))).toEqual([`${sha256(weights)}.prumerge.incomplete`]);
    delete server.faults.stallAfter;
    const { folder } = await resolveHub(name, options({ files }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
    expect(server.contentRequests("model.safetensors").at(-1)?.range).toBe("bytes=200000-");
    expect(await readdir(blobs(cacheDir))).toEqual([sha256(weights)]);
  });

  it("starts over once where the bytes kept on disk turn out to be damaged", async () => {
    await mkdir(blobs(cacheDir), { recursive: true });
    await writeFile(join(blobs(cacheDir), `${sha256(weights)}.prumerge.incomplete`), Buffer.alloc(1000, "?"));
    const { folder } = await resolveHub(name, options({ files: only("model.safetensors") }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
    const ranges = server.contentRequests("model.safetensors").map(({ range }) => range);
    expect(ranges).toEqual(["bytes=1000-", undefined]);
  });

  it("starts over where a partial file is longer than the whole", async () => {
    await mkdir(blobs(cacheDir), { recursive: true });
    await writeFile(join(blobs(cacheDir), `${sha256(weights)}.prumerge.incomplete`), Buffer.alloc(400_000));
    const { folder } = await resolveHub(name, options({ files: only("model.safetensors") }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
  });

  it("manages with a server that knows no ranges, and does not try it for ever", async () => {
    await mkdir(blobs(cacheDir), { recursive: true });
    await writeFile(
      join(blobs(cacheDir), `${sha256(weights)}.prumerge.incomplete`),
      weights.subarray(0, 777),
    );
    server.faults.ignoreRange = true;
    const files = only("model.safetensors");
    const { folder } = await resolveHub(name, options({ files }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
    await rm(cacheDir, { recursive: true });
    server.faults.cutAfter = 1000;
    await refusal(resolveHub(name, options({ files })), "NETWORK");
  });

  it("gives up a connection that falls silent, and tries again", async () => {
    server.faults.stallAfter = 150_000;
    const files = only("model.safetensors");
    const patience = { attempts: 2, delay: 5, silence: 150 };
    const { folder } = await resolveHub(name, options({ files, patience }));
    expect(await read(folder, "model.safetensors")).toEqual(weights);
    expect(server.contentRequests("model.safetensors").at(-1)?.range).toBe("bytes=150000-");
  });

  it("repeats requests that a busy server refuses, and says so in the end", async () => {
    server.faults.statuses = [503, 500, 0, 0, 429];
    const { folder } = await resolveHub(name, options({ files: only("config.json") }));
    expect(await read(folder, "config.json")).toEqual(config);
    await rm(cacheDir, { recursive: true });
    server.faults.statuses = [502, 502, 502];
    const error = await refusal(resolveHub(name, options()), "NETWORK");
    expect(error.message).toContain("status 502, 3 times in a row");
    expect(error.message).toContain(server.endpoint);
  });

  it("lets two downloads of the same file at the same time fetch it once", async () => {
    const files = only("model.safetensors", "config.json");
    const both = await Promise.all([1, 2].map(() => resolveHub(name, options({ files }))));
    for (const { folder } of both) expect(await read(folder, "model.safetensors")).toEqual(weights);
    expect(server.contentRequests("model.safetensors")).toHaveLength(1);
    expect((await readdir(blobs(cacheDir))).sort()).toEqual([gitHash(config), sha256(weights)].sort());
  });
});

describe("answers that are not right", () => {
  const files = only("model.safetensors");

  it("refuses content that does not have the listed hash, and keeps nothing of it", async () => {
    server.faults.tamper = true;
    const error = await refusal(resolveHub(name, options({ files })), "NETWORK");
    expect(error.message).toContain(`expected sha256 ${sha256(weights)}`);
    await refusal(resolveHub(name, options({ files: only("config.json") })), "NETWORK");
    expect(await readdir(blobs(cacheDir))).toEqual([]);
  });

  it("refuses a size other than the listed one", async () => {
    server.faults.linkedSize = weights.length + 1;
    expect((await refusal(resolveHub(name, options({ files })), "NETWORK")).details).toMatchObject({
      expected: "300000 bytes",
      found: "300001",
    });
    await rm(cacheDir, { recursive: true });
    delete server.faults.linkedSize;
    server.faults.listedSize = config.length - 1;
    await refusal(resolveHub(name, options({ files: only("config.json") })), "NETWORK");
  });

  it.each([
    "../../evil",
    "/etc/evil",
    "a/../../evil",
    "a\\..\\evil",
    "C:evil",
    "a//evil",
    "./evil",
    "a\u0000b",
  ])("refuses the file name %j", async (evil) => {
    server.faults.rename = (path) => (path === "config.json" ? evil : path);
    await refusal(resolveHub(name, options()), "UNSAFE_PATH");
  });

  it("refuses a file that can not fit on the disk before fetching anything", async () => {
    server.faults.listedSize = 1e15;
    const error = await refusal(resolveHub(name, options({ files })), "DISK_FULL");
    expect(error.message).toMatch(/expected 1000000\.00 GB free, found \d+\.\d\d GB/);
    expect(server.contentRequests("model.safetensors")).toEqual([]);
  });

  it.runIf(process.platform === "linux")("explains a disk that fills up midway", async () => {
    await mkdir(blobs(cacheDir), { recursive: true });
    await symlink("/dev/full", join(blobs(cacheDir), `${sha256(weights)}.prumerge.incomplete`));
    await refusal(resolveHub(name, options({ files })), "DISK_FULL");
  });

  it("refuses an answer that is not a hub's", async () => {
    const error = await refusal(
      resolveHub(name, options({ endpoint: `${server.endpoint}/elsewhere` })),
      "NOT_FOUND",
    );
    expect(error.message).toContain("no such model");
  });
});

describe("hosts and tokens", () => {
  const files = only("model.safetensors", "config.json");
  const token = "hf_secretsecret";

  it("sends the token to the hub alone, never to the store", async () => {
    server.faults.token = token;
    await resolveHub(name, options({ files, token }));
    const byHost = (host: string) => server.seen.filter((one) => one.host === host);
    expect(byHost("hub").every(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(byHost("store").map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("takes tokens of any form, but none that would break a header, and never shows them", async () => {
    await resolveHub(name, options({ files: only("config.json"), token: "other-form" }));
    const bad = await refusal(
      resolveHub(name, options({ files, token: "hf_secret\r\nx: y" })),
      "INVALID_OPTION",
    );
    expect(bad.message).not.toContain("secret");
    server.faults.statuses = [403];
    const refused = await refusal(resolveHub(name, options({ files, token })), "NETWORK");
    expect(`${refused.message} ${refused.stack} ${JSON.stringify(refused)}`).not.toContain("secret");
  });

  it("explains gated and unknown models, revisions and files", async () => {
    server.faults.token = token;
    const gated = await refusal(resolveHub(name, options({ files })), "NETWORK");
    expect(gated.message).toMatch(/gated.*set HF_TOKEN/);
    delete server.faults.token;
    await refusal(resolveHub("some-owner/other", options({ files })), "NOT_FOUND");
    const revision = await refusal(resolveHub(`${name}@v9`, options({ files })), "NOT_FOUND");
    expect(revision.message).toContain("no such revision");
    server.faults.statuses = [401];
    server.faults.errorCode = "RepoNotFound";
    await refusal(resolveHub(name, options({ files })), "NOT_FOUND");
  });

  it.each([
    "http://example.com/file",
    "ftp://127.0.0.1/file",
    "file:///etc/passwd",
  ])("does not follow a redirect to %s", async (redirectTo) => {
    server.faults.redirectTo = redirectTo;
    const error = await refusal(resolveHub(name, options({ files })), "NETWORK");
    expect(error.message).toContain("do not follow");
  });

  it("ends a circle of redirects", async () => {
    server.faults.redirectTo = `${server.endpoint}/${name}/resolve/${commit}/model.safetensors`;
    const error = await refusal(resolveHub(name, options({ files })), "NETWORK");
    expect(error.message).toContain("more than 8 redirects");
  });

  it.each([
    "file:///tmp",
    "no address",
    "https://user:secret@example.com",
  ])("refuses the endpoint %s", async (endpoint) => {
    const error = await refusal(resolveHub(name, options({ endpoint })), "INVALID_OPTION");
    expect(error.message).not.toContain("secret");
  });

  it("reads the environment as other programs do", async () => {
    vi.stubEnv("HF_ENDPOINT", `${server.endpoint}/`);
    vi.stubEnv("HF_TOKEN", token);
    vi.stubEnv("HF_HOME", cacheDir);
    vi.stubEnv("HF_HUB_CACHE", undefined);
    vi.stubEnv("HUGGINGFACE_HUB_CACHE", undefined);
    server.faults.token = token;
    try {
      const { folder } = await resolveHub(name, { files });
      expect(folder.startsWith(join(cacheDir, "hub", "models--some-owner"))).toBe(true);
      vi.stubEnv("HF_HUB_CACHE", join(cacheDir, "elsewhere"));
      vi.stubEnv("HF_HUB_OFFLINE", "1");
      await refusal(resolveHub(name, { files }), "NOT_FOUND");
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("without the hub", () => {
  const files = only("config.json");

  it("uses the cache alone when told to, and says what is missing from it", async () => {
    const empty = await refusal(resolveHub(name, options({ offline: true })), "NOT_FOUND");
    expect(empty.message).toContain("HF_HUB_OFFLINE");
    const { folder } = await resolveHub(name, options({ files }));
    server.seen.length = 0;
    expect(await resolveHub(name, options({ files, offline: true }))).toEqual({ folder, commit });
    const partial = await refusal(resolveHub(name, options({ offline: true })), "NOT_FOUND");
    expect(partial.details.found).toContain("model.safetensors");
    expect(server.seen).toEqual([]);
  });

  it("uses what another program downloaded, of which no listing was kept", async () => {
    const { folder } = await resolveHub(name, options({ files }));
    await rm(join(cacheDir, "models--some-owner--Some.Model_1", ".prumerge"), { recursive: true });
    expect(await resolveHub(name, options({ offline: true }))).toEqual({ folder, commit });
  });

  it("uses a whole model of a cache that may only be read, and fails where anything else keeps it from writing", async () => {
    const { folder } = await resolveHub(name, options());
    for (const record of [".prumerge", "refs"])
      await rm(join(cacheDir, "models--some-owner--Some.Model_1", record), { recursive: true });
    const write = vi.spyOn(ModelCache.prototype, "writeListing");
    const link = vi.spyOn(ModelCache.prototype, "writeRef");
    const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
    for (const spy of [write, link]) spy.mockImplementation(() => failing("EROFS"));
    expect(await resolveHub(name, options())).toEqual({ folder, commit });
    write.mockImplementation(() => failing("ENOSPC"));
    await expect(resolveHub(name, options())).rejects.toThrow("ENOSPC");
    vi.restoreAllMocks();
  });

  it("falls back to a complete copy where the hub cannot be reached, not where it refuses", async () => {
    const { folder } = await resolveHub(name, options({ files }));
    server.faults.statuses = [403];
    await refusal(resolveHub(name, options({ files })), "NETWORK");
    const endpoint = server.endpoint;
    await server.stop();
    expect(await resolveHub(name, options({ endpoint, files }))).toEqual({ folder, commit });
    const error = await refusal(resolveHub(name, options({ endpoint })), "NOT_FOUND");
    expect(error.message).toContain("cannot be reached");
    await refusal(resolveHub("some-owner/other", options({ endpoint })), "NETWORK");
  });

  it("stops before anything happens where the signal has fired", async () => {
    await refusal(resolveHub(name, options({ signal: AbortSignal.abort() })), "ABORTED");
    expect(await stat(join(cacheDir, "models--some-owner--Some.Model_1")).catch(() => "none")).toBe("none");
  });
});
