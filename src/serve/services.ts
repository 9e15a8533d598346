import type { LoadedModel } from "../model/model.js";
import type { Backend } from "./backend/backend.js";
import type { Gate } from "./gate.js";
import type { Health } from "./health.js";
import type { ServerLimits } from "./limits.js";
import type { Log } from "./log.js";
import type { Metrics } from "./metrics.js";
import type { Sight } from "./pictures/see-pictures.js";

/** What the endpoints work with. */
export interface Services {
  /** Name under which the model is served. */
  readonly modelName: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: LoadedModel;
  readonly sight: Sight;
  readonly backend: Backend;
  readonly gate: Gate;
  readonly limits: ServerLimits;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Log;
}
