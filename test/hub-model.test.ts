import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, pruMergePlus } from "prumerge";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HubServer, type ServedFile } from "./support/hub-server.js";
import { listFiles } from "./support/imports.js";

const bundled = fileURLToPath(new URL("../models/pocket-llava", import.meta.url));
const picture = join(bundled, "samples", "sample_2.png");
const question = "What is in the image?";
const commit = "c".repeat(40);
const cacheDir = mkdtempSync(join(tmpdir(), "prumerge-hub-model-"));
let converted: HubServer;
let checkpoint: HubServer;

function serve(name: string, folder: string): Promise<HubServer> {
  const files = listFiles(folder).map((path): [string, ServedFile] => {
    const content = readFileSync(join(folder, path));
    return [path, { content, large: content.length > 1_000_000 }];
  });
  return HubServer.start(name, commit, Object.fromEntries(files));
}

beforeAll(async () => {
  converted = await serve("owner/pocket", bundled);
  checkpoint = await serve("owner/pocket-checkpoint", join(bundled, "checkpoint"));
});

afterAll(async () => {
  await Promise.all([converted.stop(), checkpoint.stop()]);
  rmSync(cacheDir, { recursive: true, force: true });
});

it("a converted model of the hub loads from the cache's links and answers as the bundled one does", async () => {
  const steps: number[] = [];
  const options = { endpoint: converted.endpoint, cacheDir, offline: false };
  const remote = await loadModel("owner/pocket", {
    ...options,
    onDownload: ({ bytes, total }) => steps.push(bytes / total),
  });
  const local = await loadModel();
  const ask = async (model: typeof local) => {
    const seen = await model.see(picture, pruMergePlus({ tokens: 64 }));
    return (await model.answer(seen, question).result).text;
  };
  expect(await ask(remote)).toBe(await ask(local));
  expect(remote.folder).toBe(join(cacheDir, "models--owner--pocket", "snapshots", commit));
  expect(steps.at(-1)).toBe(1);
  await Promise.all([remote.dispose(), local.dispose()]);
  const fetched = converted.seen.filter(({ path }) => path.includes("/resolve/")).map(({ path }) => path);
  expect(fetched.filter((path) => /checkpoint|samples|README/.test(path))).toEqual([]);
});

it("then loads without any request, offline", async () => {
  const before = converted.seen.length;
  const model = await loadModel("owner/pocket", { endpoint: converted.endpoint, cacheDir, offline: true });
  await model.dispose();
  expect(converted.seen.length).toBe(before);
});

it("a checkpoint of the hub is not downloaded but answered with the command that converts it", async () => {
  const loading = loadModel("owner/pocket-checkpoint", {
    endpoint: checkpoint.endpoint,
    cacheDir,
    offline: false,
  });
  await expect(loading).rejects.toMatchObject({
    code: "UNSUPPORTED_MODEL",
    message: expect.stringMatching(`prumerge convert owner/pocket-checkpoint@${commit} .+ --dtype q4`),
  });
  expect(checkpoint.contentRequests("model.safetensors")).toEqual([]);
});
