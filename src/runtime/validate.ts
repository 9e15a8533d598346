import { openSession, type Port } from "./ort.js";

/** What a graph that loads takes and gives. */
export interface GraphReport {
  readonly path: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly milliseconds: number;
}

/**
 * Loads a graph with its external data in ONNX Runtime, on the CPU, and lets it go again.
 *
 * @throws PrumergeError RUNTIME, with the runtime's own words, where it does not load
 */
export async function validateGraph(path: string): Promise<GraphReport> {
  const started = performance.now();
  const session = await openSession(path, { threads: 1 });
  const milliseconds = performance.now() - started;
  const { inputs, outputs } = session;
  await session.dispose();
  return { path, inputs, outputs, milliseconds };
}
