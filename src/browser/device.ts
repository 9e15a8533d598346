import { PrumergeError } from "../errors.js";
import type { WebDevice } from "../runtime/ort-web.js";

/** What a caller may ask for; `auto` takes WebGPU where there is one. */
export type DeviceChoice = "auto" | WebDevice;

/** What is used of WebGPU, whose types are not part of TypeScript's. */
interface GraphicsProcessors {
  requestAdapter(): Promise<{ readonly info?: { readonly isFallbackAdapter?: boolean } } | null>;
}

/** More threads than this were not faster on models of this size. */
const mostThreads = 4;

/**
 * The device to compute on. WebGPU emulated on the processor is slower than WebAssembly, so that `auto` passes over it.
 *
 * @throws PrumergeError INVALID_OPTION for `webgpu` where the browser has none, and for an unknown device
 */
export async function chooseDevice(choice: DeviceChoice): Promise<WebDevice> {
  if (choice === "wasm") return "wasm";
  if (choice !== "auto" && choice !== "webgpu") {
    throw new PrumergeError("INVALID_OPTION", "there is no such device in a browser", {
      where: "device",
      expected: "auto, webgpu or wasm",
      found: JSON.stringify(choice),
    });
  }
  const { gpu } = navigator as { gpu?: GraphicsProcessors };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (choice === "auto") return adapter && adapter.info?.isFallbackAdapter !== true ? "webgpu" : "wasm";
  if (adapter) return "webgpu";
  throw new PrumergeError("INVALID_OPTION", "this browser has no WebGPU", {
    where: "device",
    expected: "auto or wasm",
    found: "webgpu",
  });
}

/** Threads share memory, which browsers allow to cross-origin isolated pages alone. */
export function defaultThreads(): number {
  return globalThis.crossOriginIsolated ? Math.min(mostThreads, navigator.hardwareConcurrency || 1) : 1;
}
