import { PrumergeError } from "../errors.js";
import type { Dtype } from "../models/dtypes.js";
import { batchingEngine } from "./batching-engine.js";
import { composeEngine } from "./compose-engine.js";
import type { DecoderSettings } from "./decoder-settings.js";
import type { Engine } from "./engine.js";
import type { Half } from "./engine-calls.js";
import { localLanguage, localVision } from "./local-sides.js";
import { findGraphs, type GraphFiles } from "./model-folder.js";
import { checkSessionOptions, nodeRuntime, type SessionOptions } from "./ort.js";
import { remoteSide } from "./remote-calls.js";
import type { LanguageSide } from "./sides.js";
import { disableTelemetry } from "./telemetry.js";
import { visionAbility } from "./vision-ability.js";
import { WorkerCaller } from "./worker-side.js";

export interface EngineOptions extends Omit<SessionOptions, "flushDenormals" | "prepack"> {
  /** Which of several stored forms to use; default: the most precise one there is. */
  readonly dtype?: Dtype;
  /** Keep the sessions in worker threads, so that the caller's event loop stays free; default true. */
  readonly worker?: boolean;
  /** Halves to open at once, side by side, instead of when they are first used; default none. */
  readonly warm?: readonly Half[];
  /** In place of the folder's decoder, whose answers take turns and whose cache is float32. */
  readonly decoder?: DecoderSettings;
}

/**
 * Opens a model folder (or graph files already found) for running. Sessions are opened when first used, one per half;
 * `projector.onnx` only when a method planned outside the graph needs it.
 *
 * @throws PrumergeError NOT_FOUND where there is no model; INVALID_OPTION for a device, thread count, dtype or half that
 * cannot be
 */
export async function loadEngine(from: string | GraphFiles, options: EngineOptions = {}): Promise<Engine> {
  const { dtype, worker = true, warm = [], decoder, ...sessions } = options;
  disableTelemetry();
  checkWarm(warm);
  await checkSessionOptions(sessions);
  const files = typeof from === "string" ? await findGraphs(from, dtype) : from;
  const vision = worker
    ? remoteSide("vision", new WorkerCaller({ side: "vision", files, options: sessions }))
    : localVision(nodeRuntime, files, sessions);
  const language = worker
    ? remoteLanguage(files, sessions, decoder)
    : localLanguage(nodeRuntime, files, sessions, decoder);
  for (const side of warm) {
    // A half that fails to open says so to whoever uses it.
    (side === "vision" ? vision : language).warm().catch(() => undefined);
  }
  const compose = decoder?.pool === undefined ? composeEngine : batchingEngine;
  const engine = compose(vision, language, visionAbility(files));
  return {
    ...engine,
    ...(decoder && { cacheForm: decoder.cache }),
    ...(files.prefill && { prefillDtype: files.prefill.dtype }),
  };
}

function remoteLanguage(files: GraphFiles, options: SessionOptions, decoder?: DecoderSettings): LanguageSide {
  const caller = new WorkerCaller({ side: "language", files, options, ...(decoder && { decoder }) });
  return { ...remoteSide("language", caller), step: (...words) => caller.call("step", ...words) };
}

function checkWarm(warm: readonly string[]): void {
  const unknown = warm.find((side) => side !== "vision" && side !== "language");
  if (unknown === undefined) return;
  throw new PrumergeError("INVALID_OPTION", "a model has no such half", {
    where: "warm",
    expected: "vision or language",
    found: JSON.stringify(unknown),
  });
}
