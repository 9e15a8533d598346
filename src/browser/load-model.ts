import { PrumergeError } from "../errors.js";
import type { Manifest } from "../folder/manifest.js";
import { parseManifest } from "../folder/parse-manifest.js";
import { mergedDecoder } from "../graphs/contract.js";
import { assembleModel } from "../model/assemble-model.js";
import { describeManifest } from "../model/describe-manifest.js";
import type { LoadedModel } from "../model/model.js";
import { cacheForms } from "../models/cache-forms.js";
import { manifestName } from "../models/names.js";
import type { GraphFiles } from "../runtime/index.js";
import type { WebDevice } from "../runtime/ort-web.js";
import { chooseDevice, type DeviceChoice, defaultThreads } from "./device.js";
import { type DownloadProgress, Downloads } from "./download.js";
import { type DecoderForm, filesOf, folderGraphs } from "./folder-graphs.js";
import { type BrowserImage, sourceReader } from "./pictures.js";
import { rehearse } from "./rehearse.js";
import { startWorker } from "./start-worker.js";

/** ONNX Runtime's own files for one device, as this page serves them. */
export interface RuntimeFiles {
  /** Address of `ort-wasm-simd-threaded*.mjs`, of the page's own origin. */
  readonly glue: string;
  /** Address of `ort-wasm-simd-threaded*.wasm`. */
  readonly wasm: string;
}

export interface BrowserLoadOptions {
  /** Default `auto`: WebGPU where the browser has a graphics processor that runs the model, else WebAssembly. */
  readonly device?: DeviceChoice;
  /** Threads of WebAssembly. Default: up to 4 where the page is cross-origin isolated, else 1. */
  readonly threads?: number;
  /** Default: where the bundler put the files of onnxruntime-web. */
  readonly runtimeFiles?: Partial<Readonly<Record<WebDevice, RuntimeFiles>>>;
  /** Form of the decoder's graph. Default: `input-only` in WebAssembly, `returned` on WebGPU; see docs/browser.md. */
  readonly decoder?: DecoderForm;
  /**
   * Name of the browser cache in which the model is kept; `false` keeps nothing. Default `prumerge`. Keys and values in 8 bits, which
   * an option of this name asks for in Node, there are none of in a browser: `q8` is refused.
   */
  readonly cache?: string | false;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Ends the download; a loaded model is left alone. */
  readonly signal?: AbortSignal;
  /** Bytes of key/value caches of earlier prompts to keep; the latest is always kept. Default 512 MiB. */
  readonly keepCacheBytes?: number;
}

/** A {@link LoadedModel} in a browser. */
export interface BrowserModel extends LoadedModel<BrowserImage> {
  readonly device: WebDevice;
  readonly threads: number;
}

/**
 * Loads a model folder over HTTP and runs it in a worker of this page.
 *
 * @param folder address of a folder written by `prumerge convert`, or of a copy of `prumerge/models/pocket-llava`
 * @throws PrumergeError NOT_FOUND or NETWORK, with the address; INVALID_FILE for a damaged folder; INVALID_OPTION for a
 * device that this browser lacks; ABORTED
 * @example
 * ```ts
 * const model = await loadModel("/models/pocket-llava/");
 * const seen = await model.see(file, pruMergePlus({ tokens: 64 }));
 * for await (const text of model.answer(seen, "What is on the table?")) output.append(text);
 * ```
 */
export async function loadModel(
  folder: string | URL,
  options: BrowserLoadOptions = {},
): Promise<BrowserModel> {
  refuseCacheForm(options.cache);
  const choice = options.device ?? "auto";
  const device = await chooseDevice(choice);
  const loaded = loadOn(device, folder, options);
  if (device === "wasm" || choice !== "auto") return loaded;
  return loaded.catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    return loadOn("wasm", folder, options); // whose own failure counts
  });
}

/** In Node this option says how keys and values are held; whoever means that is not to get a browser cache of that name. */
function refuseCacheForm(cache: BrowserLoadOptions["cache"]): void {
  if (!cacheForms.some((form) => form === cache)) return;
  throw new PrumergeError("INVALID_OPTION", "keys and values are held in float32 in a browser", {
    where: "cache",
    expected: "the name of a browser cache, or false",
    found: JSON.stringify(cache),
  });
}

async function loadOn(
  device: WebDevice,
  folder: string | URL,
  options: BrowserLoadOptions,
): Promise<BrowserModel> {
  const base = new URL(String(folder).replace(/\/*$/, "/"), document.baseURI);
  const threads = device === "wasm" ? (options.threads ?? defaultThreads()) : 1;
  const { cache = "prumerge", signal, onProgress } = options;
  const downloads = new Downloads({ cache, ...(signal && { signal }), ...(onProgress && { onProgress }) });
  const manifest = parseManifest(await downloads.text(`${base}${manifestName}`), `${base}${manifestName}`);
  const graphs = folderGraphs(base.href, manifest, options.decoder ?? fasterDecoder[device]);
  const runtimeFiles = options.runtimeFiles?.[device];
  const texts = readTexts(downloads, base);
  const [files, wasm, description] = await Promise.all([
    readGraphs(downloads, base, manifest, graphs),
    runtimeFiles === undefined ? undefined : downloads.get(runtimeFiles.wasm),
    texts,
  ]);
  const worker = startWorker(graphs, {
    device,
    threads,
    ...(runtimeFiles !== undefined && { glue: new URL(runtimeFiles.glue, document.baseURI).href }),
    ...(wasm !== undefined && { wasm: wasm.buffer }),
    files,
    onDevice: keyValueOutputs(manifest),
  });
  try {
    const model = assembleModel(
      describeManifest(manifest, { folder: base.href, graphs, ...description }),
      worker.engine,
      sourceReader(worker.pictures),
      options.keepCacheBytes,
    );
    await worker.ready;
    if (device === "webgpu") await rehearse(worker.engine, manifest.spec);
    return Object.assign(model, { device, threads });
  } catch (error) {
    await worker.engine.dispose();
    throw error;
  }
}

/** WebAssembly: measured with the bundled model, see docs/browser.md. WebGPU: so that the cache stays on the device. */
const fasterDecoder: Readonly<Record<WebDevice, DecoderForm>> = { wasm: "input-only", webgpu: "returned" };

async function readGraphs(
  downloads: Downloads,
  base: URL,
  manifest: Manifest,
  graphs: GraphFiles,
): Promise<Map<string, Uint8Array>> {
  return new Map(
    await Promise.all(
      filesOf(manifest, graphs).map(
        async ({ path, bytes }) => [path, await downloads.get(`${base}${path}`, bytes)] as const,
      ),
    ),
  );
}

async function readTexts(downloads: Downloads, base: URL) {
  const json = async (name: string) => parseObject(await downloads.text(`${base}${name}`), `${base}${name}`);
  const [tokenizer, tokenizerConfig, generationConfig, chatTemplate] = await Promise.all([
    json("tokenizer.json"),
    json("tokenizer_config.json"),
    json("generation_config.json"),
    downloads.text(`${base}chat_template.jinja`),
  ]);
  return { tokenizer, tokenizerConfig, generationConfig, chatTemplate, notes: [] };
}

function parseObject(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
  throw new PrumergeError("INVALID_FILE", "not a JSON object", { where });
}

function keyValueOutputs({ spec }: Manifest): string[] {
  const layers = Array.from({ length: spec.language.layers }, (_, layer) => layer);
  return layers.flatMap((layer) => [mergedDecoder.presentKey(layer), mergedDecoder.presentValue(layer)]);
}
