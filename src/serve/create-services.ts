import type { LoadedModel } from "../model/model.js";
import type { Budget, Reducer } from "../reduce/index.js";
import type { Positions } from "../see/row-place.js";
import type { Backend } from "./backend/backend.js";
import { LocalBackend } from "./backend/local.js";
import { Gate } from "./gate.js";
import { Health } from "./health.js";
import type { ServerLimits } from "./limits.js";
import type { Log } from "./log.js";
import { Metrics } from "./metrics.js";
import type { FetchPicture } from "./pictures/picture-reader.js";
import { SeenMemory } from "./pictures/seen-memory.js";
import type { Services } from "./services.js";

export interface ServiceOptions {
  readonly model: LoadedModel;
  /** Name under which the model is served. */
  readonly modelName: string;
  readonly log: Log;
  /** Default: the model's own language model. */
  readonly backend?: Backend;
  /** What requests get that ask for no reduction. Default: the model's own. */
  readonly defaultReducer?: Reducer;
  /** Visual tokens of requests that ask for a method or an option of it, and name no count. Default: the method's own. */
  readonly defaultBudget?: Budget;
  /** Where kept rows stand in prompts of requests that do not say. Default: one after another. */
  readonly defaultPositions?: Positions;
  /** Bytes of remembered visual tokens. Default 256 MiB. */
  readonly pictureMemoryBytes?: number;
  /** Fetches pictures of https: addresses; default: they are refused. */
  readonly fetchPicture?: FetchPicture;
}

/** @throws PrumergeError INVALID_OPTION where the model takes no such positions */
export async function createServices(options: ServiceOptions, limits: ServerLimits): Promise<Services> {
  await options.model.checkPositions(options.defaultPositions ?? options.model.defaultPositions);
  const { model, modelName, log, fetchPicture } = options;
  const gate = new Gate(limits.running, limits.waiting);
  const memory = new SeenMemory(options.pictureMemoryBytes ?? 256 * 2 ** 20, (seen) => {
    model.forget(seen).catch(() => undefined); // an engine that has ended holds nothing any more
  });
  return {
    modelName,
    created: Math.floor(Date.now() / 1000),
    model,
    sight: {
      model,
      defaultReducer: options.defaultReducer ?? model.defaultReducer,
      defaultBudget: options.defaultBudget,
      defaultPositions: options.defaultPositions ?? options.model.defaultPositions,
      memory,
      limits,
      fetchPicture,
    },
    backend: options.backend ?? new LocalBackend(model, limits),
    gate,
    limits,
    log,
    health: new Health(),
    metrics: new Metrics({
      running: () => gate.running,
      waiting: () => gate.waiting,
      pictureBytes: () => memory.bytes,
      pictures: () => memory.pictures,
      prefixBytes: () => model.prefixMemory.bytes,
      prefixes: () => model.prefixMemory.prompts,
    }),
  };
}
