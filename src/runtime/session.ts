import { PrumergeError } from "../errors.js";

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
  /**
   * Folder for weights in that layout, as files that are mapped: made where they are missing, which needs 2.5 times the weights' bytes of
   * disk. They are no process's own memory then, and several processes share them. For the processor alone (`cpu`). Default: none.
   */
  readonly packed?: string;
}

/** What is used of a runtime's tensors, in words of our own: its package may be absent, in Node as in a browser's project. */
export interface OrtTensor {
  readonly type: string;
  readonly dims: readonly number[];
  /** A typed array; an error where the tensor is on a device. */
  readonly data: unknown;
  /** `cpu`, or where else. */
  readonly location: string;
  /** {@link data}, brought here where it is on a device. */
  getData(): Promise<unknown>;
  dispose(): void;
}

/** A runtime's tensor class. */
export interface TensorClass {
  new (type: "float32", data: Float32Array, dims: readonly number[]): OrtTensor;
  new (type: "float16", data: Uint16Array, dims: readonly number[]): OrtTensor;
  new (type: "int8", data: Int8Array, dims: readonly number[]): OrtTensor;
  new (type: "int64", data: BigInt64Array, dims: readonly number[]): OrtTensor;
  new (type: "int32", data: Int32Array, dims: readonly number[]): OrtTensor;
  new (type: "bool", data: Uint8Array, dims: readonly number[]): OrtTensor;
}

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
  /**
   * @param into tensors that outputs are written into, by name; the others come in memory of the runtime's
   * @param only outputs that are handed back; default: every one
   */
  run(feeds: Feeds, into?: Feeds, only?: readonly string[]): Promise<Readonly<Record<string, OrtTensor>>>;
  dispose(): Promise<void>;
}

/** Tensors are made here so that nothing else needs the runtime. */
export interface Tensors {
  float32(data: Float32Array, dims: readonly number[]): OrtTensor;
  float16(data: Uint16Array, dims: readonly number[]): OrtTensor;
  int8(data: Int8Array, dims: readonly number[]): OrtTensor;
  int64(values: readonly number[] | Int32Array, dims: readonly number[]): OrtTensor;
  int32(data: Int32Array, dims: readonly number[]): OrtTensor;
  /** @param value of a scalar, or one for each place, 0 or 1 */
  bool(value: boolean | Uint8Array, dims: readonly number[]): OrtTensor;
}

/** ONNX Runtime as one platform has it: native in Node, WebAssembly or WebGPU in a browser. */
export interface OnnxRuntime {
  /**
   * Loads a graph with its external data.
   *
   * @param bytes of another graph, whose external data lie beside `path`; default: that file's. Browsers open files alone
   * @throws PrumergeError INVALID_OPTION for a device that the runtime lacks or a thread count out of range; RUNTIME,
   * with the file, where ONNX Runtime refuses the graph
   */
  openSession(path: string, options?: SessionOptions, bytes?: Uint8Array): Promise<Session>;
  loadTensors(): Promise<Tensors>;
}

/** {@link Tensors} of a platform's tensor class. */
export function tensorsOf(Tensor: TensorClass): Tensors {
  return {
    float32: (data, dims) => new Tensor("float32", data, dims),
    float16: (data, dims) => new Tensor("float16", data, dims),
    int8: (data, dims) => new Tensor("int8", data, dims),
    int64: (values, dims) =>
      new Tensor("int64", BigInt64Array.from(values as readonly number[], BigInt), dims),
    int32: (data, dims) => new Tensor("int32", data, dims),
    bool: (value, dims) =>
      new Tensor("bool", typeof value === "boolean" ? Uint8Array.of(value ? 1 : 0) : value, dims),
  };
}

/** A runtime's description of an input or output. */
export type PortMetadata =
  | { readonly name: string; readonly isTensor: false }
  | ({ readonly isTensor: true } & Port);

export function port(metadata: PortMetadata): Port {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: "not a tensor", shape: [] };
}

/** What ONNX Runtime threw, with the graph's file. */
export function runtimeError(
  summary: string,
  where: string,
  cause: unknown,
  help?: string | undefined,
): PrumergeError {
  return new PrumergeError("RUNTIME", summary, {
    where,
    found: cause instanceof Error ? cause.message : String(cause),
    ...(help !== undefined && { help }),
    cause,
  });
}
