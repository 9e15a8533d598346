/** One step of a stage: what it computes and what it moves. Bytes, for one execution. */
export interface Operation {
  readonly name: string;
  /** How often it is executed: once a layer, mostly. */
  readonly times: number;
  /** A multiply-add is two. */
  readonly operations: number;
  readonly weightBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly keyValueReadBytes: number;
  readonly keyValueWrittenBytes: number;
}

/** An operation of which only what is not 0 is given. */
export function operation(
  name: string,
  times: number,
  parts: Partial<Omit<Operation, "name" | "times">>,
): Operation {
  return {
    name,
    times,
    operations: 0,
    weightBytes: 0,
    readBytes: 0,
    writtenBytes: 0,
    keyValueReadBytes: 0,
    keyValueWrittenBytes: 0,
    ...parts,
  };
}

/** Bytes that an operation moves between memory and chip in one execution. */
export function movedBytes(one: Operation): number {
  const { weightBytes, readBytes, writtenBytes, keyValueReadBytes, keyValueWrittenBytes } = one;
  return weightBytes + readBytes + writtenBytes + keyValueReadBytes + keyValueWrittenBytes;
}

/** What limits a stage: operations or memory traffic. */
export type Bound = "compute" | "memory";

/** A stage by the roofline model (Williams, Waterman and Patterson 2009), operation by operation. */
export interface StageCost {
  /** Operations; a multiply-add is two. */
  readonly operations: number;
  /** Bytes moved: weights, activations, keys and values. */
  readonly traffic: number;
  readonly weightBytes: number;
  readonly activationReadBytes: number;
  readonly activationWrittenBytes: number;
  readonly keyValueReadBytes: number;
  readonly keyValueWrittenBytes: number;
  /** Least time, seconds: each operation takes the longer of computing and moving. */
  readonly seconds: number;
  /** Seconds of the operations that moving limits. */
  readonly memoryBoundSeconds: number;
  /** What limits the operations that take most of the time. */
  readonly bound: Bound;
}

export function stageCost(
  operations: readonly Operation[],
  peak: { readonly rate: number; readonly bandwidth: number },
): StageCost {
  const total = (of: (one: Operation) => number) =>
    operations.reduce((sum, one) => sum + one.times * of(one), 0);
  const computing = (one: Operation) => one.operations / peak.rate;
  const moving = (one: Operation) => movedBytes(one) / peak.bandwidth;
  const seconds = total((one) => Math.max(computing(one), moving(one)));
  const memoryBoundSeconds = total((one) => (moving(one) > computing(one) ? moving(one) : 0));
  return {
    operations: total((one) => one.operations),
    traffic: total(movedBytes),
    weightBytes: total((one) => one.weightBytes),
    activationReadBytes: total((one) => one.readBytes),
    activationWrittenBytes: total((one) => one.writtenBytes),
    keyValueReadBytes: total((one) => one.keyValueReadBytes),
    keyValueWrittenBytes: total((one) => one.keyValueWrittenBytes),
    seconds,
    memoryBoundSeconds,
    bound: memoryBoundSeconds > seconds / 2 ? "memory" : "compute",
  };
}
