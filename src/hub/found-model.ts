import type { Dtype } from "../models/dtypes.js";
import type { ConversionEstimate } from "./estimate.js";
import type { FileSelection } from "./model-files.js";

/** Where a model of the hub comes from. */
export interface HubOrigin {
  /** `owner/name`. */
  readonly name: string;
  readonly commit: string;
}

/** A model that can be loaded as it is. */
export interface ReadyModel {
  readonly kind: "ready";
  readonly form: "converted" | "transformers.js";
  readonly folder: string;
  /** Set where it is, or was converted from, a model of the hub. */
  readonly hub?: HubOrigin;
}

/** A model folder on the hub, not or not wholly in the cache: `fetchModel` makes it a {@link ReadyModel}. */
export interface RemoteModel {
  readonly kind: "remote";
  readonly form: "converted" | "transformers.js";
  readonly hub: HubOrigin;
  readonly files: FileSelection;
  /** Bytes still to be downloaded. */
  readonly downloadBytes: number;
}

/** A checkpoint that has to be converted first. */
export interface CheckpointModel {
  readonly kind: "checkpoint";
  /** What `prumerge convert` takes as SOURCE: the local folder, or `owner/name@commit`. */
  readonly source: string;
  /** Where the converted copy is looked for from then on; undefined for local folders, which have no such place. */
  readonly destination?: string;
  readonly hub?: HubOrigin;
  readonly dtype: Dtype;
  /** Bytes still to be downloaded, 0 for local folders. */
  readonly downloadBytes: number;
  readonly estimate: ConversionEstimate;
}

export type FoundModel = ReadyModel | RemoteModel | CheckpointModel;
