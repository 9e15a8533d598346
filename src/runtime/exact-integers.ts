import { join } from "node:path";
import { fileSuffixes } from "../models/dtypes.js";
import type { GraphFiles } from "./model-folder.js";
import type { OnnxRuntime } from "./session.js";
import { floatData } from "./tensors.js";

/** Of a folder's graphs of ours, those that multiply whole numbers; whether the one for prompts does, and paths of the others. */
export function integerGraphs({ vision, decoder, prefill }: GraphFiles): {
  readonly prompts: boolean;
  readonly others: readonly string[];
} {
  const others = [vision, decoder].flatMap((one) =>
    one?.form === "ours" && one.path.endsWith(`${fileSuffixes.int8}.onnx`) ? [one.path] : [],
  );
  return { prompts: prefill?.dtype === "int8", others };
}

/**
 * Whether products of whole numbers come out exact. Processors without products of bytes that are summed in 32 bits (VNNI, AMX, ARM's) add two
 * of them in 16 bits first, and ONNX Runtime's kernel for these cuts off what is larger. Takes milliseconds.
 */
export async function multipliesExactly(runtime: OnnxRuntime): Promise<boolean> {
  // With the builder of graphs, which nothing else needs that runs a model.
  const { integerProbe, probe } = await import("../graphs/integer-probe.js");
  const path = join(process.cwd(), "(a probe of the processor)");
  const session = await runtime.openSession(path, { threads: 1 }, integerProbe());
  try {
    const { float32 } = await runtime.loadTensors();
    const ones = new Float32Array(probe.width).fill(1);
    const out = await session.run({ [probe.rows]: float32(ones, [1, probe.width]) });
    return floatData(out[probe.sums]!).every((sum) => Math.abs(sum / probe.width - 1) < 1e-4);
  } finally {
    await session.dispose();
  }
}
