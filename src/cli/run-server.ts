import { basename } from "node:path";
import type { LoadOptions } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { bundledModel } from "../models/names.js";
import { type Budget, findMethod, type Reducer } from "../reduce/index.js";
import type { Backend } from "../serve/backend/backend.js";
import { createLog } from "../serve/create-log.js";
import { openDoor } from "../serve/http/door.js";
import { parseOrigins } from "../serve/http/origin.js";
import { defaultLimits, type ServerLimits } from "../serve/limits.js";
import { pictureFetcher } from "../serve/pictures/fetch-picture.js";
import { readBackendKey, readKeys } from "../serve/read-keys.js";
import { type RunningServer, startServer } from "../serve/server.js";
import { checkServeOptions, defaultBackendTokens } from "./check-serve-options.js";
import { withModel } from "./open-model.js";
import { chosenReducer, reducerOn } from "./reducer-option.js";
import type { ServeOptions } from "./serve-options.js";
import type { ServerSignals } from "./server-signals.js";
import { startLine } from "./start-line.js";

const mebibyte = 2 ** 20;

/** Serves until it is told to end: the first SIGTERM or SIGINT drains, the second ends at once. */
export async function runServer(options: ServeOptions, signals: ServerSignals): Promise<void> {
  checkServeOptions(options);
  const keys = options.apiKeyFile === undefined ? undefined : await readKeys(options.apiKeyFile);
  const allow = parseOrigins("--fetch-allow", options.fetchAllow ?? []);
  const origins = parseOrigins("--allow-origin", options.allowOrigin ?? []);
  const limits: ServerLimits = { ...defaultLimits, ...limitsOf(options) };
  const modelName = options.modelName ?? basename(options.model ?? bundledModel);
  const backend = await openBackend(options, modelName, limits);
  const chosen = reducerOf(options);
  const defaultBudget = budgetOf(options);
  const door = await openDoor({ host: options.host, port: options.port, limits }); // before the model takes its time
  const serve = async (model: LoadedModel) => {
    const defaultReducer = backend === undefined ? reducerOn(model, chosen, reductionOf(options)) : chosen;
    const server = await startServer({
      model,
      modelName,
      log: createLog(options.logLevel, process.stdout),
      door,
      limits,
      origins,
      pictureMemoryBytes: options.pictureMemory * mebibyte,
      ...(keys !== undefined && { keys }),
      ...(backend !== undefined && { backend }),
      ...(defaultReducer !== undefined && { defaultReducer }),
      ...(defaultBudget !== undefined && { defaultBudget }),
      ...(options.positions !== undefined && { defaultPositions: options.positions }),
      ...(options.fetch !== "off" && { fetchPicture: pictureFetcher({ limits, allow }) }),
      ...(options.allowHost !== undefined && { hosts: options.allowHost }),
      ...(options.page !== undefined && { page: options.page }),
    });
    process.stderr.write(`Listening on ${server.url}\n`);
    process.stderr.write(
      `${startLine(options, { modelName, limits, url: server.url, keys: keys?.length })}\n`,
    );
    await untilDrained(server, signals);
  };
  try {
    await withModel(options, new AbortController().signal, serve, {
      keepCacheBytes: options.prefixMemory * mebibyte,
      keepCaches: Number.MAX_SAFE_INTEGER,
      ...(backend === undefined ? batchOf(options) : { warm: ["vision"] }),
    });
  } finally {
    door.server.close(); // of a model that does not load
    door.server.closeAllConnections();
  }
}

/** All requests that are worked on at once may share runs of the language model. */
function batchOf({ maxRunning, batchMemory = 0 }: ServeOptions): Pick<LoadOptions, "batch"> {
  if (batchMemory === 0 || maxRunning === 1) return {};
  return { batch: { most: maxRunning, bytes: batchMemory * mebibyte } };
}

async function openBackend(
  options: ServeOptions,
  modelName: string,
  limits: ServerLimits,
): Promise<Backend | undefined> {
  if (options.backend === undefined) return undefined;
  const { VllmBackend } = await import("../serve/backend/vllm.js");
  const key = options.backendKeyFile === undefined ? undefined : await readBackendKey(options.backendKeyFile);
  return new VllmBackend({
    url: options.backend,
    model: options.backendModel ?? modelName,
    limits,
    ...(key !== undefined && { key }),
    ...(options.backendStrict && { onlyTokens: options.backendTokens ?? defaultBackendTokens }),
  });
}

function reducerOf(options: ServeOptions): Reducer | undefined {
  const { method } = options;
  const budget = budgetOf(options);
  // What was said is refused by a method that does not take it; what a backend makes of it is left out there.
  const taken =
    budget === undefined || method === undefined || findMethod(method).budgets.includes(budget.kind);
  const visualTokens = taken ? budget : options.visualTokens;
  return chosenReducer({
    ...(method !== undefined && { method }),
    ...(visualTokens !== undefined && { visualTokens }),
  });
}

function reductionOf({ method, visualTokens }: ServeOptions) {
  return {
    ...(method !== undefined && { method }),
    ...(visualTokens !== undefined && { visualTokens }),
  };
}

/** A backend is sent one exact count where nobody asks for another. */
function budgetOf(options: ServeOptions): Budget | undefined {
  const { backend, visualTokens, backendTokens = defaultBackendTokens } = options;
  return visualTokens ?? (backend === undefined ? undefined : { kind: "exact", rows: backendTokens });
}

function limitsOf(options: ServeOptions): Partial<ServerLimits> {
  const bodyBytes = options.maxBody * mebibyte;
  return {
    bodyBytes,
    heldBytes: Math.max(defaultLimits.heldBytes, bodyBytes), // one body of the largest size must have room
    pictureBytes: options.maxPicture * mebibyte,
    picturePixels: options.maxPixels,
    videoBytes: options.maxVideo * mebibyte,
    videoSeconds: options.maxVideoSeconds,
    pictures: options.maxPictures,
    ...(options.maxPromptTokens !== undefined && { promptTokens: options.maxPromptTokens }),
    outputTokens: options.maxOutputTokens,
    running: options.maxRunning,
    waiting: options.maxWaiting,
    requestMilliseconds: options.requestTimeout * 1000,
    drainMilliseconds: options.drainTimeout * 1000,
  };
}

async function untilDrained(server: RunningServer, signals: ServerSignals): Promise<void> {
  await signals.told();
  process.stderr.write("Ending when what is under way is done; once more to end at once.\n");
  await server.drain();
}
