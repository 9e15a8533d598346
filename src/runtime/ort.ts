import { dirname } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { PrumergeError } from "../errors.js";
import { checkDevice, deviceHelp } from "./device.js";
import { loadRuntime } from "./load-runtime.js";
import { leastPackedBytes, packedDataName, packedGraph } from "./packed-graphs.js";
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

export type { Session, SessionOptions } from "./session.js";

/**
 * Loads a graph with its external data.
 *
 * @param bytes of another graph, whose external data lie beside `path`; default: that file's
 * @throws PrumergeError INVALID_OPTION for a device that the runtime lacks or a thread count out of range; RUNTIME, with
 * the file, where ONNX Runtime refuses the graph, or is not there
 */
export async function openSession(
  path: string,
  options: SessionOptions = {},
  bytes?: Uint8Array,
): Promise<Session> {
  await checkSessionOptions(options);
  const session = await createSession(path, options, bytes);
  const everyOutput = fetches(session.outputNames);
  return {
    path,
    inputs: session.inputMetadata.map(port),
    outputs: session.outputMetadata.map(port),
    run: (feeds, into = {}, only) =>
      session
        .run(asTensors(feeds), { ...(only === undefined ? everyOutput : fetches(only)), ...asTensors(into) })
        .catch((cause: unknown) => {
          throw runtimeError("ONNX Runtime failed to run a graph", path, cause);
        }),
    dispose: () => session.release(),
  };
}

async function createSession(
  path: string,
  options: SessionOptions,
  bytes: Uint8Array | undefined,
): Promise<InferenceSession> {
  const { InferenceSession } = await loadRuntime();
  const create = (settings: InferenceSession.SessionOptions, from: string | Uint8Array = bytes ?? path) =>
    (typeof from === "string"
      ? InferenceSession.create(from, settings)
      : InferenceSession.create(from, settings)
    ).catch(async (cause: unknown) => {
      const help = await deviceHelp(options.device ?? "cpu");
      throw runtimeError("ONNX Runtime refused a graph", path, cause, help);
    });
  const settings = sessionSettings(options, bytes && dirname(path));
  if (options.packed === undefined) return create(settings);
  const graph = await packedGraph(options.packed, path, bytes, async (to) => {
    await (await create(packingSettings(settings, to))).release();
  });
  return create(sessionSettings(options), graph);
}

export async function loadTensors(): Promise<Tensors> {
  return tensorsOf((await loadRuntime()).Tensor);
}

/** ONNX Runtime's native library. */
export const nodeRuntime: OnnxRuntime = { openSession, loadTensors };

/**
 * Refuses a device that this ONNX Runtime lacks and a thread count out of range.
 *
 * @throws PrumergeError INVALID_OPTION
 */
export async function checkSessionOptions({
  device = "cpu",
  threads,
  packed,
}: SessionOptions): Promise<void> {
  await checkDevice(device);
  if (packed !== undefined && device !== "cpu") {
    throw new PrumergeError("INVALID_OPTION", "weights are packed for the processor alone", {
      expected: "device cpu",
      found: JSON.stringify(device),
      where: "packed",
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new PrumergeError("INVALID_OPTION", "the number of threads is out of range", {
      expected: "a whole number, 1 .. 1024",
      found: String(threads),
      where: "threads",
    });
  }
}

function fetches(names: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

// All tensors here were made by this runtime: loadTensors is the only way to one.
function asTensors(feeds: Feeds): Readonly<Record<string, Tensor>> {
  return feeds as Readonly<Record<string, Tensor>>;
}

/** @param weights folder of the external data of a graph that comes as bytes */
function sessionSettings(options: SessionOptions, weights?: string): InferenceSession.SessionOptions {
  const { device = "cpu", threads, flushDenormals = false, packed } = options;
  // Packed weights in a file cost no memory: there is no reason to leave others as they are.
  const prepack = packed !== undefined || (options.prepack ?? true);
  return {
    executionProviders: [device],
    // Failures come back as errors; what the runtime prints would land in the middle of a streamed answer.
    logSeverityLevel: 4,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    // Lengths change from run to run: a plan of the memory for each of them fragments it.
    enableMemPattern: false,
    extra: {
      session: {
        set_denormal_as_zero: flushDenormals ? "1" : "0",
        disable_prepacking: prepack ? "0" : "1",
        ...(weights !== undefined && { model_external_initializers_file_folder_path: weights }),
      },
    },
  };
}

/** Settings with which a session writes itself, its weights in the layout that it multiplies by, instead of being used. */
function packingSettings(
  settings: InferenceSession.SessionOptions,
  to: string,
): InferenceSession.SessionOptions {
  const session = {
    ...(settings.extra as { readonly session: object }).session,
    save_external_prepacked_constant_initializers: "1",
    optimized_model_external_initializers_file_name: packedDataName,
    optimized_model_external_initializers_min_size_in_bytes: String(leastPackedBytes),
  };
  return { ...settings, optimizedModelFilePath: to, extra: { session } };
}
