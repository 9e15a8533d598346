import { PrumergeError } from "../errors.js";
import { composeEngine } from "../runtime/compose-engine.js";
import type { Engine } from "../runtime/engine.js";
import type { GraphFiles } from "../runtime/index.js";
import type { WebRuntimeSettings } from "../runtime/ort-web.js";
import { remoteSide } from "../runtime/remote-calls.js";
import { PortCaller } from "./port-caller.js";
import type { WorkerSetup } from "./worker-setup.js";

/** A model's sessions in a worker of the page. */
export interface ModelWorker {
  readonly engine: Engine;
  readonly pictures: PortCaller;
  /** Settles once the sessions that every use needs are open. */
  readonly ready: Promise<void>;
}

/** Starts a worker for a model; its files are moved there. Disposing of the engine ends it. */
export function startWorker(graphs: GraphFiles, runtime: WebRuntimeSettings): ModelWorker {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "prumerge" });
  const channels = {
    vision: new MessageChannel(),
    language: new MessageChannel(),
    pictures: new MessageChannel(),
  };
  const callers = Object.values(channels).map(({ port1 }) => new PortCaller(port1));
  const [visionCalls, languageCalls, pictures] = callers as [PortCaller, PortCaller, PortCaller];
  const setup: WorkerSetup = {
    graphs,
    runtime,
    vision: channels.vision.port2,
    language: channels.language.port2,
    pictures: channels.pictures.port2,
  };
  const moved = [...runtime.files.values()].map(({ buffer }) => buffer as ArrayBuffer);
  worker.postMessage(setup, [
    setup.vision,
    setup.language,
    setup.pictures,
    ...new Set([...moved, ...(runtime.wasm === undefined ? [] : [runtime.wasm])]),
  ]);
  worker.addEventListener("error", ({ message }) => {
    const failure = new PrumergeError("RUNTIME", "the model's worker failed", { found: message });
    for (const caller of callers) caller.fail(failure);
  });
  const vision = remoteSide("vision", visionCalls);
  const language = remoteSide("language", languageCalls);
  const engine = composeEngine(vision, language, { kind: "reduces" });
  const dispose = async () => {
    await engine.dispose();
    await pictures.dispose();
    worker.terminate();
  };
  // One after the other: both wait for the same module of ONNX Runtime.
  const ready = vision.warm().then(() => language.warm());
  ready.catch(() => undefined);
  return { engine: { ...engine, dispose }, pictures, ready };
}
