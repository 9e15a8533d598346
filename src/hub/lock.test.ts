import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HubServer, sha256 } from "../../test/support/hub-server.js";
import { withLock } from "./lock.js";
import { resolveHub } from "./resolve-hub.js";

const name = "owner/model";
const commit = "a".repeat(40);
const weights = randomBytes(2_000_000);
let folder: string;
let server: HubServer;
let children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-lock-"));
  server = await HubServer.start(name, commit, { "model.safetensors": { content: weights, large: true } });
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function download(): ChildProcess {
  const resolver = fileURLToPath(new URL("./resolve-hub.ts", import.meta.url));
  const options = JSON.stringify({ endpoint: server.endpoint, cacheDir: folder, offline: false });
  const script = `import(${JSON.stringify(resolver)}).then((m) => m.resolveHub("${name}", ${options}))`;
  const child = spawn(process.execPath, ["--import", "tsx", "-e", script], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  children.push(child);
  return child;
}

it("lets only one of two processes fetch a file, and both have it", async () => {
  const codes = await Promise.all(
    [download(), download()].map(async (child) => (await once(child, "exit"))[0]),
  );
  expect(codes).toEqual([0, 0]);
  expect(server.contentRequests("model.safetensors")).toHaveLength(1);
  const snapshot = join(folder, "models--owner--model", "snapshots", commit, "model.safetensors");
  expect(sha256(await readFile(snapshot))).toBe(sha256(weights));
});

it("takes over at once, and continues, where the other process was killed", async () => {
  server.faults.stallAfter = 1_500_000;
  const child = download();
  while (server.contentRequests("model.safetensors").length === 0)
    await new Promise((done) => setTimeout(done, 20));
  await new Promise((done) => setTimeout(done, 300));
  child.kill("SIGKILL");
  await once(child, "exit");
  delete server.faults.stallAfter;
  const found = await resolveHub(name, { endpoint: server.endpoint, cacheDir: folder, offline: false });
  expect(sha256(await readFile(join(found.folder, "model.safetensors")))).toBe(sha256(weights));
  expect(server.contentRequests("model.safetensors").at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(await readdir(join(folder, ".locks", "models--owner--model"))).toEqual([]);
});

it("keeps work under one lock apart", async () => {
  const events: string[] = [];
  const work = (label: string) => async () => {
    events.push(`${label} starts`);
    await new Promise((done) => setTimeout(done, 30));
    events.push(`${label} ends`);
  };
  await Promise.all(["a", "b", "c"].map((label) => withLock(join(folder, "lock"), undefined, work(label))));
  expect(events).toHaveLength(6);
  for (let i = 0; i < 6; i += 2) expect(events[i + 1]).toBe(events[i]?.replace("starts", "ends"));
});

it("respects a living lock until the caller gives up, and a dead one not at all", async () => {
  const path = join(folder, "lock");
  const write = (pid: number, host: string) => writeFile(path, JSON.stringify({ pid, host }));
  await write(process.pid, hostname());
  const signal = AbortSignal.timeout(100);
  await expect(withLock(path, signal, async () => {})).rejects.toMatchObject({ code: "ABORTED" });
  await write(1, "another-machine");
  await expect(withLock(path, AbortSignal.timeout(100), async () => {})).rejects.toMatchObject({
    code: "ABORTED",
  });
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(path, longAgo, longAgo);
  expect(await withLock(path, undefined, async () => "taken over")).toBe("taken over");
  const dead = spawnSync(process.execPath, ["-e", ""]);
  await write(dead.pid, hostname());
  expect(await withLock(path, undefined, async () => "taken over")).toBe("taken over");
});

it.runIf(process.platform === "linux")("takes a dead process that nobody collected for dead", async () => {
  // The shell becomes `sleep`, which does not collect the child that the shell had started.
  const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 20"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(parent);
  const [said] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(said.toString());
  while (!(await readFile(`/proc/${pid}/stat`, "latin1")).includes(") Z "))
    await new Promise((done) => setTimeout(done, 10));
  const path = join(folder, "lock");
  await writeFile(path, JSON.stringify({ pid, host: hostname() }));
  expect(await withLock(path, AbortSignal.timeout(5000), async () => "taken over")).toBe("taken over");
});
