import type { InferenceSession, Tensor } from "onnxruntime-web";
import { PrumergeError } from "../errors.js";
import {
  type Feeds,
  type OnnxRuntime,
  port,
  runtimeError,
  type Session,
  type SessionOptions,
  type Tensors,
  tensorsOf,
} from "./session.js";

/** Where a browser computes: WebGPU, or WebAssembly on the processor. */
export type WebDevice = "webgpu" | "wasm";

/** What ONNX Runtime is given in a browser, where there are no files to open. */
export interface WebRuntimeSettings {
  readonly device: WebDevice;
  /** Threads of one run; more than 1 needs a cross-origin isolated page. */
  readonly threads: number;
  /** Address of ONNX Runtime's glue script, and its WebAssembly, for `device`; default: where the bundler put them. */
  readonly glue?: string;
  readonly wasm?: ArrayBuffer;
  /** Graphs and external data by their paths below the model folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Outputs that stay on the device, since they only go back into the next run. */
  readonly onDevice: readonly string[];
}

/** ONNX Runtime for browsers, on one device; its module is loaded when the first session is opened. */
export function webRuntime(settings: WebRuntimeSettings): OnnxRuntime {
  const load = () => loadRuntime(settings);
  return {
    async openSession(path, options = {}) {
      const { InferenceSession } = await load();
      const graph = fileOf(settings, path);
      const session = await InferenceSession.create(graph, sessionSettings(settings, graph, options)).catch(
        (cause: unknown) => {
          throw runtimeError("ONNX Runtime refused a graph", path, cause);
        },
      );
      return wrap(session, path);
    },
    loadTensors: async (): Promise<Tensors> => tensorsOf((await load()).Tensor),
  };
}

async function loadRuntime({ device, threads, glue, wasm }: WebRuntimeSettings) {
  const runtime =
    device === "webgpu" ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  const flags = runtime.env.wasm;
  flags.numThreads = threads;
  if (glue !== undefined) flags.wasmPaths = { mjs: glue };
  if (wasm !== undefined) flags.wasmBinary = wasm;
  runtime.env.logLevel = "fatal";
  return runtime;
}

function sessionSettings(
  { device, files, onDevice }: WebRuntimeSettings,
  graph: Uint8Array,
  { device: wanted, prepack = true }: SessionOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [wanted === "cpu" ? "wasm" : device],
    externalData: externalDataOf(graph, files),
    logSeverityLevel: 4,
    enableMemPattern: false,
    extra: { session: { disable_prepacking: prepack ? "0" : "1" } },
    ...(device === "webgpu" && {
      preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, "gpu-buffer" as const])),
    }),
  };
}

/** A graph names its weight files in plain text, relative to itself; which of the folder's they are is all that is asked. */
function externalDataOf(graph: Uint8Array, files: WebRuntimeSettings["files"]) {
  const text = new TextDecoder("latin1").decode(graph);
  return [...files]
    .map(([path, data]) => ({ path: path.slice(path.lastIndexOf("/") + 1), data }))
    .filter(({ path }) => path.endsWith(".onnx_data") && text.includes(path));
}

function wrap(session: InferenceSession, path: string): Session {
  return {
    path,
    inputs: session.inputMetadata.map(port),
    outputs: session.outputMetadata.map(port),
    async run(feeds, into = {}, only = session.outputNames) {
      const out: Feeds = await session
        .run(feeds as Readonly<Record<string, Tensor>>, [...only])
        .catch((cause: unknown) => {
          throw runtimeError("ONNX Runtime failed to run a graph", path, cause);
        });
      // This runtime leaves tensors that are handed in for outputs as they are.
      for (const [name, { data }] of Object.entries(into)) {
        (data as Float32Array).set(out[name]!.data as Float32Array);
      }
      return out;
    },
    dispose: () => session.release(),
  };
}

function fileOf({ files }: WebRuntimeSettings, path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes !== undefined) return bytes;
  throw new PrumergeError("NOT_FOUND", "a graph was not downloaded", { where: path });
}
