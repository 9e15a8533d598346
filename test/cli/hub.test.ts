import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { prumerge, samples } from "../support/command-line.js";
import { HubServer, type ServedFile } from "../support/hub-server.js";

const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const commit = "d".repeat(40);
const home = mkdtempSync(join(tmpdir(), "prumerge-home-"));
const bear = join(samples, "sample_3.png");
let hub: HubServer;

beforeAll(async () => {
  const files = readdirSync(checkpoint).map((name): [string, ServedFile] => {
    const content = readFileSync(join(checkpoint, name));
    return [name, { content, large: content.length > 1_000_000 }];
  });
  hub = await HubServer.start("owner/pocket", commit, Object.fromEntries(files));
});

afterAll(async () => {
  await hub.stop();
  rmSync(home, { recursive: true, force: true });
});

const ask = ["ask", bear, "Where is the bear?", "--model", "owner/pocket", "--json"];
const online = () => ({
  HF_ENDPOINT: hub.endpoint,
  HF_HOME: join(home, "hf"),
  XDG_CACHE_HOME: home,
  HF_HUB_OFFLINE: "0",
});

describe("a checkpoint of the hub", () => {
  let command: string[];

  it("is not converted behind a script's back: the exact command is printed instead", async () => {
    const { status, stdout, stderr } = await prumerge(ask, { env: online() });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^prumerge: owner\/pocket: a checkpoint that has not been converted yet.*\nConvert it once: prumerge /,
    );
    command = stderr.trim().split("Convert it once: prumerge ")[1]!.split(" ");
    expect(command.slice(0, 2)).toEqual(["convert", `owner/pocket@${commit}`]);
    expect(hub.seen.some(({ path }) => path.includes("model.safetensors"))).toBe(false);
  });

  it("says what it would take", async () => {
    const { stdout } = await prumerge(["info", "owner/pocket", "--json"], { env: online() });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: "checkpoint", dtype: "q4" });
    expect(report.downloadBytes).toBeGreaterThan(12_000_000);
  });

  it("is downloaded and converted by that command", async () => {
    const { status, stdout } = await prumerge(command, { env: online() });
    expect([status, stdout]).toEqual([0, ""]);
  });

  it("is then found under its id, also offline", async () => {
    const seen = hub.seen.length;
    const { status, stdout, stderr } = await prumerge(ask, { env: { ...online(), HF_HUB_OFFLINE: "1" } });
    expect([status, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ model: "owner/pocket", answer: "bottom" });
    expect(hub.seen.length).toBe(seen);
  });
});

it("an adapter of the hub is recorded by its id and commit, a folder by its name", async () => {
  const adapter = fileURLToPath(new URL("../fixtures/lora-hugging-face/adapter", import.meta.url));
  const files = readdirSync(adapter).map((name): [string, ServedFile] => [
    name,
    { content: readFileSync(join(adapter, name)), large: false },
  ]);
  const server = await HubServer.start("owner/adapter", commit, Object.fromEntries(files));
  const target = join(home, "tuned");
  const { status, stderr } = await prumerge(
    ["convert", goldenPath("llava/tiny-llava-llama"), target, "--quiet", "--lora", "owner/adapter"],
    { env: { ...online(), HF_ENDPOINT: server.endpoint } },
  );
  await server.stop();
  expect([status, stderr]).toEqual([0, ""]);
  const { source } = JSON.parse(readFileSync(join(target, "prumerge.json"), "utf8"));
  expect(source).toEqual({
    name: "tiny-llava-llama",
    layout: "hugging-face",
    lora: `owner/adapter@${commit}`,
  });
});
