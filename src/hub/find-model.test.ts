import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HubServer, type ServedFile } from "../../test/support/hub-server.js";
import { convertedFolder, rememberedConversion } from "./converted.js";
import { estimateConversion } from "./estimate.js";
import { fetchCheckpoint } from "./fetch-checkpoint.js";
import { fetchModel, findModel } from "./find-model.js";
import type { CheckpointModel, RemoteModel } from "./found-model.js";
import { localFiles } from "./local-folder.js";
import { readCheckpointConfig } from "./read-checkpoint-config.js";

const name = "owner/model";
const commit = "f".repeat(40);
let folder: string;
let server: HubServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-find-"));
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "xdg"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function write(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(
      join(folder, path),
      path.endsWith("config.json") ? '{"torch_dtype":"float32"}' : "0123456789",
    );
  }
}

async function serve(...paths: string[]) {
  const file = (path: string): ServedFile => ({
    content: Buffer.from(path.endsWith("config.json") ? '{"torch_dtype":"float16"}' : path.repeat(100)),
    large: /safetensors$|onnx/.test(path),
  });
  server = await HubServer.start(name, commit, Object.fromEntries(paths.map((path) => [path, file(path)])));
  return { endpoint: server.endpoint, cacheDir: join(folder, "hub"), offline: false };
}

it("recognises folders on this machine", async () => {
  await write("ours/config.json", "ours/prumerge.json", "ours/onnx/decoder.onnx");
  await write(
    "theirs/config.json",
    "theirs/onnx/vision_encoder.onnx",
    "theirs/onnx/decoder_model_merged_q4.onnx",
  );
  expect(await findModel(join(folder, "ours"))).toEqual({
    kind: "ready",
    form: "converted",
    folder: join(folder, "ours"),
  });
  expect(await findModel(join(folder, "theirs"))).toMatchObject({ kind: "ready", form: "transformers.js" });
  await write("checkpoint/config.json", "checkpoint/model.safetensors");
  expect(await findModel(join(folder, "checkpoint"), { dtype: "fp16" })).toEqual({
    kind: "checkpoint",
    source: join(folder, "checkpoint"),
    dtype: "fp16",
    downloadBytes: 0,
    estimate: { inputBytes: 10, outputBytes: 5, seconds: 1 },
  });
});

it("looks at a folder and its onnx/, and no deeper", async () => {
  await write(
    "model/config.json",
    "model/model.safetensors",
    "model/onnx/a.onnx",
    "model/old/model.safetensors",
  );
  await symlink(join(folder, "model", "config.json"), join(folder, "model", "linked.json"));
  expect(await localFiles(join(folder, "model"))).toEqual([
    { path: "config.json", size: 25 },
    { path: "linked.json", size: 25 },
    { path: "model.safetensors", size: 10 },
    { path: "onnx/a.onnx", size: 10 },
  ]);
});

it.each([
  "dtype",
  "visionDtype",
])("refuses a %s that there is not, before anything is asked", async (where) => {
  await expect(findModel(name, { [where]: "q5" })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    details: { where, found: '"q5"' },
  });
});

it("says what is wrong with folders that are no models", async () => {
  await write(
    "lora/config.json",
    "lora/adapter_model.bin",
    "bare/model.safetensors",
    "other/config.json",
    "file",
  );
  await expect(findModel(join(folder, "lora"))).rejects.toMatchObject({
    code: "UNSUPPORTED_MODEL",
    message: expect.stringContaining("--lora"),
  });
  await expect(findModel(join(folder, "bare"))).rejects.toThrow("no config.json");
  await expect(findModel(join(folder, "other"))).rejects.toThrow("no weights");
  await expect(findModel(join(folder, "file"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(findModel(join(folder, "nowhere"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(findModel("no-such-thing")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("describes a checkpoint on the hub without its weights, and remembers the conversion", async () => {
  const options = await serve("config.json", "tokenizer.json", "model.safetensors", "onnx.md");
  const found = (await findModel(name, options)) as CheckpointModel;
  const weightBytes = "model.safetensors".length * 100;
  expect(found).toMatchObject({
    kind: "checkpoint",
    source: `${name}@${commit}`,
    destination: join(folder, "xdg", "prumerge", "converted", "owner--model", commit, "q4"),
    hub: { name, commit },
    dtype: "q4",
    downloadBytes: weightBytes + "tokenizer.json".length * 100,
    estimate: estimateConversion(weightBytes, { storedType: "float16" }, { dtype: "q4" }),
  });
  expect(server?.contentRequests("model.safetensors")).toEqual([]);
  await mkdir(found.destination ?? "", { recursive: true });
  expect((await findModel(name, options)).kind).toBe("checkpoint");
  await writeFile(join(found.destination ?? "", "config.json"), "{}");
  const ready = { kind: "ready", form: "converted", folder: found.destination, hub: { name, commit } };
  expect(await findModel(name, options)).toEqual(ready);
  expect(await findModel(name, { ...options, offline: true })).toEqual(ready);
  expect((await findModel(name, { ...options, dtype: "q8" })).kind).toBe("checkpoint");
  // The 13 GB that it was made from are gone: the conversion is still found, but not for another revision or dtype.
  await rm(options.cacheDir, { recursive: true });
  const offline = { ...options, offline: true };
  expect(await findModel(name, offline)).toEqual(ready);
  expect(await findModel(`${name}@${commit}`, offline)).toEqual(ready);
  await expect(findModel(`${name}@v2`, offline)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(findModel(name, { ...offline, dtype: "q8" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("downloads a model folder only when told to", async () => {
  const options = await serve("config.json", "prumerge.json", "onnx/decoder_q4.onnx", "README.md");
  const remote = (await findModel(name, options)) as RemoteModel;
  expect(remote).toMatchObject({ kind: "remote", form: "converted", hub: { name, commit } });
  expect(server?.seen.some(({ path }) => path.includes("resolve"))).toBe(false);
  const ready = await fetchModel(remote, options);
  expect(ready.folder).toBe(join(folder, "hub", "models--owner--model", "snapshots", commit));
  expect(await findModel(name, options)).toEqual(ready);
});

it("brings a checkpoint here for its conversion", async () => {
  await write("checkpoint/config.json", "checkpoint/model.safetensors");
  const path = join(folder, "checkpoint");
  expect(await fetchCheckpoint(path)).toEqual({ folder: path, name: "checkpoint" });
  const options = await serve("config.json", "model.safetensors", "flax_model.msgpack", "onnx/vision.onnx");
  const fetched = await fetchCheckpoint(`${name}@main`, options);
  expect(fetched.name).toBe(`${name}@${commit}`);
  expect((await readdir(fetched.folder)).sort()).toEqual(["config.json", "model.safetensors"]);
  await expect(fetchCheckpoint(join(folder, "nowhere"))).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("refuses an architecture that is not converted before its weights are fetched, and names one that is", async () => {
  const config = Buffer.from(
    '{"model_type": "paligemma", "architectures": ["PaliGemmaForConditionalGeneration"]}',
  );
  server = await HubServer.start(name, commit, {
    "config.json": { content: config, large: false },
    "model.safetensors": { content: Buffer.alloc(3_000_000), large: true },
    "onnx/vision_encoder.onnx": { content: Buffer.alloc(1000), large: true },
    "onnx/decoder_model_merged.onnx": { content: Buffer.alloc(1000), large: true },
  });
  const options = { endpoint: server.endpoint, cacheDir: join(folder, "hub"), offline: false };
  const refusal = {
    code: "UNSUPPORTED_MODEL",
    message: expect.stringMatching(
      /PaliGemmaForConditionalGeneration.*docs\/models\.md .* HuggingFaceTB\/SmolVLM-256M-Instruct/,
    ),
  };
  await expect(findModel(name, options)).rejects.toMatchObject(refusal);
  await expect(fetchCheckpoint(name, options)).rejects.toMatchObject(refusal);
  expect(server.contentRequests("model.safetensors")).toEqual([]);
  expect((await fetchCheckpoint(name, { ...options, part: true })).name).toBe(`${name}@${commit}`);
});

it("estimates what a checkpoint with a large tower becomes, from its configuration", async () => {
  // llava-interleave-qwen-0.5b: 398 of 864 million parameters are the tower's.
  const text = { model_type: "qwen2", hidden_size: 1024, intermediate_size: 2816, vocab_size: 152000 };
  const config = {
    model_type: "llava",
    torch_dtype: "float16",
    image_token_index: 151646,
    text_config: {
      ...text,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      tie_word_embeddings: true,
    },
    vision_config: {
      ...{ model_type: "siglip_vision_model", hidden_size: 1152, intermediate_size: 4304, image_size: 384 },
      ...{ num_hidden_layers: 26, num_attention_heads: 16, patch_size: 14 },
    },
    vision_feature_select_strategy: "full",
  };
  await mkdir(join(folder, "small"));
  await writeFile(join(folder, "small", "config.json"), JSON.stringify(config));
  const read = await readCheckpointConfig(join(folder, "small"), "small");
  const gigabytes = (dtypes: Parameters<typeof estimateConversion>[2]) =>
    estimateConversion(1.73e9, read, dtypes).outputBytes / 1e9;
  expect(gigabytes({ dtype: "q4" })).toBeCloseTo(2.2, 1);
  expect(gigabytes({ dtype: "q4", visionDtype: "fp16" })).toBeCloseTo(1.4, 1);
});

it("keeps conversions of different precision apart", async () => {
  const at = (dtype: "q4" | "fp16", visionDtype?: "fp32" | "fp16") =>
    convertedFolder(name, commit, { dtype, ...(visionDtype && { visionDtype }) }, { XDG_CACHE_HOME: "/c" });
  expect(at("q4")).toBe(at("q4", "fp32"));
  expect(at("fp16")).toBe(at("fp16", "fp16"));
  expect(at("q4", "fp16")).toBe(`/c/prumerge/converted/owner--model/${commit}/q4-vision-fp16`);
  expect(() => convertedFolder(name, "main", { dtype: "q4" })).toThrow("40 hexadecimal digits");
  expect(await rememberedConversion(name, commit)).toBeUndefined();
});

it("estimates a LLaVA-1.5-7B as it turns out", () => {
  // 13.5 GB of float16 became a q4 folder of about 5.9 GB: 6.6e9 blocked weights, tower and embeddings in float32.
  const { outputBytes, seconds } = estimateConversion(14.1e9, { storedType: "float16" }, { dtype: "q4" });
  expect(outputBytes / 1e9).toBeGreaterThan(5.3);
  expect(outputBytes / 1e9).toBeLessThan(6.5);
  expect(seconds).toBe(141);
});

it("estimates what a 7B checkpoint becomes", () => {
  const { outputBytes } = estimateConversion(14.1e9, { storedType: "float16" }, { dtype: "q4" });
  expect(outputBytes / 1e9).toBeCloseTo(5.7, 1); // as measured: docs/performance.md
});
