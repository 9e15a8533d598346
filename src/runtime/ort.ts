import type { InferenceSession, Tensor } from "onnxruntime-node";
import { PrumergeError } from "../errors.js";
import { disableTelemetry } from "./telemetry.js";

/** How sessions are opened. */
export interface SessionOptions {
  /** Execution provider by ONNX Runtime's name; default `cpu`. */
  readonly device?: string;
  /** Threads of one run, 1 .. 1024; default: one per core. */
  readonly threads?: number;
  /**
   * Treat numbers below 1.2e-38 as zero. ONNX Runtime's Softmax turns masked scores into such numbers, which processors
   * multiply slowly: a long prefill is 4 % slower without. It holds for everything on the calling thread from then on,
   * JavaScript included, so that it is for threads of our own; default false.
   */
  readonly flushDenormals?: boolean;
  /**
   * Copy weights into the layout that is fastest to multiply by; default true. Without, float weights stay in their
   * mapped file: at CLIP-L's size 1.2 GB less memory and 2.6 s less to open, against 15 % more per picture. Quantised
   * weights are unusably slow without.
   */
  readonly prepack?: boolean;
}

export type OrtTensor = Tensor;
export type Feeds = Readonly<Record<string, OrtTensor>>;
/** Type and shape of an input or output; sizes known only at run time are names. */
export interface Port {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** A loaded graph. Runs block the thread they are called on. */
export interface Session {
  readonly path: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** @param into tensors that outputs are written into, by name; the others come in memory of the runtime's */
  run(feeds: Feeds, into?: Feeds): Promise<Readonly<Record<string, OrtTensor>>>;
  dispose(): Promise<void>;
}

/** ONNX Runtime takes about 50 ms to load: only whoever opens a session pays. */
const loadRuntime = () => {
  disableTelemetry();
  return import("onnxruntime-node");
};

/** Devices that this build of ONNX Runtime carries. */
export async function availableDevices(): Promise<string[]> {
  const { listSupportedBackends } = await loadRuntime();
  return listSupportedBackends()
    .filter((backend) => backend.bundled)
    .map((backend) => backend.name);
}

/**
 * Loads a graph with its external data.
 *
 * @throws PrumergeError INVALID_OPTION for a device that the runtime lacks or a thread count out of range; RUNTIME, with
 * the file, where ONNX Runtime refuses the graph
 */
export async function openSession(path: string, options: SessionOptions = {}): Promise<Session> {
  await checkSessionOptions(options);
  const { InferenceSession } = await loadRuntime();
  const session = await InferenceSession.create(path, sessionSettings(options)).catch((cause: unknown) => {
    throw runtimeError("ONNX Runtime refused a graph", path, cause);
  });
  const everyOutput = Object.fromEntries(session.outputNames.map((name) => [name, null]));
  return {
    path,
    inputs: session.inputMetadata.map(port),
    outputs: session.outputMetadata.map(port),
    run: (feeds, into = {}) =>
      session.run(feeds, { ...everyOutput, ...into }).catch((cause: unknown) => {
        throw runtimeError("ONNX Runtime failed to run a graph", path, cause);
      }),
    dispose: () => session.release(),
  };
}

/** Tensors are made here so that nothing else needs the runtime. */
export interface Tensors {
  float32(data: Float32Array, dims: readonly number[]): OrtTensor;
  float16(data: Uint16Array, dims: readonly number[]): OrtTensor;
  int64(values: readonly number[], dims: readonly number[]): OrtTensor;
  bool(value: boolean, dims: readonly number[]): OrtTensor;
}

export async function loadTensors(): Promise<Tensors> {
  const { Tensor } = await loadRuntime();
  return {
    float32: (data, dims) => new Tensor("float32", data, dims),
    float16: (data, dims) => new Tensor("float16", data, dims),
    int64: (values, dims) => new Tensor("int64", BigInt64Array.from(values, BigInt), dims),
    bool: (value, dims) => new Tensor("bool", Uint8Array.of(value ? 1 : 0), dims),
  };
}

/**
 * Refuses a device that this ONNX Runtime lacks and a thread count out of range.
 *
 * @throws PrumergeError INVALID_OPTION
 */
export async function checkSessionOptions({ device = "cpu", threads }: SessionOptions): Promise<void> {
  if (device !== "cpu") {
    const devices = await availableDevices();
    if (!devices.includes(device)) {
      throw new PrumergeError("INVALID_OPTION", "this ONNX Runtime has no such device", {
        expected: devices.join(" or "),
        found: JSON.stringify(device),
        where: "device",
      });
    }
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 1024)) {
    throw new PrumergeError("INVALID_OPTION", "the number of threads is out of range", {
      expected: "a whole number, 1 .. 1024",
      found: String(threads),
      where: "threads",
    });
  }
}

function sessionSettings(options: SessionOptions): InferenceSession.SessionOptions {
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
      },
    },
  };
}

function port(metadata: InferenceSession.ValueMetadata): Port {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: "not a tensor", shape: [] };
}

function runtimeError(summary: string, where: string, cause: unknown): PrumergeError {
  return new PrumergeError("RUNTIME", summary, {
    where,
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
