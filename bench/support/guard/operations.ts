import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, type Tensor } from "onnxruntime-node";

/** What a run did, by the runtime's own record of it. */
export interface Operations {
  /** Multiplications with additions in matrix products and convolutions. */
  readonly multiplyAdds: number;
  /** Bytes of what nodes handed on. */
  readonly bytes: number;
}

type Shapes = readonly Readonly<Record<string, readonly number[]>>[];

interface NodeRecord {
  readonly cat: string;
  readonly name: string;
  readonly args: {
    readonly op_name?: string;
    readonly output_size?: string;
    readonly input_type_shape?: Shapes;
    readonly output_type_shape?: Shapes;
  };
}

/**
 * Runs a graph once and counts. Graphs are left nearly as they are written, since what is fused further depends on the processor, and
 * so would the count.
 */
export async function operations(
  path: string,
  feeds: Readonly<Record<string, Tensor>>,
  fetches?: readonly string[],
): Promise<Operations> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-guard-"));
  try {
    const session = await InferenceSession.create(path, {
      ...{ intraOpNumThreads: 1, logSeverityLevel: 3, graphOptimizationLevel: "basic" },
      ...{ enableProfiling: true, profileFilePrefix: join(folder, "run") },
    });
    await session.run({ ...feeds }, [...(fetches ?? session.outputNames)]);
    session.endProfiling();
    await session.release();
    return counted(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function counted(folder: string): Operations {
  const [file] = readdirSync(folder);
  const records: readonly NodeRecord[] = JSON.parse(readFileSync(join(folder, file!), "utf8"));
  const nodes = records.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  if (nodes.length === 0) throw new Error("the runtime recorded no nodes");
  const sum = (of: (node: NodeRecord["args"]) => number) =>
    nodes.reduce((total, { args }) => total + of(args), 0);
  return { multiplyAdds: sum(multiplyAdds), bytes: sum(({ output_size }) => Number(output_size ?? 0)) };
}

/** Every element of a product is a sum over the first factor's last axis, of a convolution one over the filter. */
function multiplyAdds({
  op_name: name = "",
  input_type_shape: from,
  output_type_shape: to,
}: NodeRecord["args"]) {
  if (!/MatMul|Gemm|^Conv$/.test(name)) return 0;
  const [first, second, out] = [from?.[0], from?.[1], to?.[0]].map((shape) => Object.values(shape ?? {})[0]);
  const summed = name === "Conv" ? product(second!.slice(1)) : first!.at(-1)!;
  return product(out!) * summed;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
