import { thisMachine, whyNotLoaded } from "./not-loaded.js";
import { disableTelemetry } from "./telemetry.js";

/**
 * ONNX Runtime's package for Node. It takes about 50 ms to load: only whoever opens a session pays.
 *
 * @throws PrumergeError RUNTIME where it is not installed or does not load here, with what to do about it
 */
export async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  disableTelemetry();
  try {
    return await import("onnxruntime-node");
  } catch (cause) {
    throw whyNotLoaded(cause, thisMachine());
  }
}
