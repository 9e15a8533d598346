import { dirname } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { PrumergeError } from "../errors.js";
import { checkDevice, deviceHelp } from "./device.js";
import { loadRuntime } from "./load-runtime.js";
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
  const { InferenceSession } = await loadRuntime();
  const settings = sessionSettings(options, bytes && dirname(path));
  const opening =
    bytes === undefined ? InferenceSession.create(path, settings) : InferenceSession.create(bytes, settings);
  const session = await opening.catch(async (cause: unknown) => {
    throw runtimeError(
      "ONNX Runtime refused a graph",
      path,
      cause,
      await deviceHelp(options.device ?? "cpu"),
    );
  });
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
export async function checkSessionOptions({ device = "cpu", threads }: SessionOptions): Promise<void> {
  await checkDevice(device);
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
  const { device = "cpu", threads, flushDenormals = false, prepack = true } = options;
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
