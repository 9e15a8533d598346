import type { Positions } from "../see/row-place.js";
import type { LogLevel } from "../serve/create-log.js";
import type { ModelOptions, ReductionOptions } from "./options.js";

/** Options of `prumerge serve`. */
export interface ServeOptions extends ModelOptions, Pick<ReductionOptions, "method" | "visualTokens"> {
  readonly positions?: Positions;
  readonly host: string;
  readonly port: number;
  readonly modelName?: string;
  readonly apiKeyFile?: string;
  /** False where `--no-keys` says that everybody may ask. */
  readonly keys?: boolean;
  readonly backend?: string;
  readonly backendModel?: string;
  readonly backendKeyFile?: string;
  /** Default: `defaultBackendTokens`. */
  readonly backendTokens?: number;
  readonly backendStrict?: boolean;
  readonly page?: string;
  readonly fetch: "https" | "off";
  readonly fetchAllow?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly maxRunning: number;
  readonly maxWaiting: number;
  readonly maxBody: number;
  readonly maxPicture: number;
  readonly maxPixels: number;
  readonly maxVideo: number;
  readonly maxVideoSeconds: number;
  readonly maxPictures: number;
  readonly maxPromptTokens?: number;
  readonly maxOutputTokens: number;
  readonly requestTimeout: number;
  readonly drainTimeout: number;
  readonly pictureMemory: number;
  readonly prefixMemory: number;
  /** MiB for keys and values of answers that share runs of the language model. Default 0: they take turns. */
  readonly batchMemory?: number;
  readonly logLevel: LogLevel;
}
