/** Where kept rows stand in a prompt, and where the text goes on behind them. */
export type Positions = "contiguous" | "original" | "tight" | "far";

/** Rules by which frames of a video are taken. */
export type FrameRule =
  | "linspace"
  | "linspace-float32"
  | "linspace-rounded"
  | "linspace-distinct"
  | "arange"
  | "arange-float32"
  | "floor"
  | "segments"
  | "every";

/** The object `prumerge` of a request: how its pictures are reduced. Every field may be left out. */
export interface Reduction {
  /** Name of a method of `GET /v1/prumerge/info`, such as `cover`. Default: the server's own. */
  readonly method?: string;
  /**
   * Exactly so many, a share (`"25%"`), `"adaptive"` (the method's own rule), `"adaptive:N"` (the rule with a cap) or `"all"`.
   * Default: the server's, else the method's.
   */
  readonly visual_tokens?: number | string;
  /** Further options of the method by their names in the library, at most 64; null is an option left out. */
  readonly options?: Readonly<Record<string, number | boolean | string | null>>;
  /** How a picture is brought to the tower's size; `anyres` where the model has tiles, `native` where it takes any size. Default: the model's own. */
  readonly image_aspect?: "crop" | "pad" | "stretch" | "anyres" | "native";
  /** Of a model with tiles: all views of a picture, or the whole picture alone. Not together with `image_aspect`. */
  readonly views?: "all" | "base";
  /** Of a model that takes pictures of any size: smaller ones are enlarged to so many pixels. Default: the model's. */
  readonly min_pixels?: number;
  /** Of such a model: larger ones are shrunk to so many pixels. Default: the model's. */
  readonly max_pixels?: number;
  /** Of videos: how many frames are taken. Default: the model's. */
  readonly frames?: number;
  /** Of videos: frames for each second, `frames` at most. */
  readonly fps?: number;
  /** Of videos: the rule by which frames are taken. Default: the model's. */
  readonly sampling?: FrameRule;
  /** Where kept rows stand in the prompt. Default: the server's, else `contiguous`. */
  readonly positions?: Positions;
  /** `false` encodes the pictures anew, starts from no earlier prompt and keeps nothing. Default `true`. */
  readonly remember?: boolean;
}

/** What one picture or video of a request became. */
export interface PictureReport {
  readonly method: string;
  /** As {@link Reduction.visual_tokens} spells it, such as `adaptive:144`. */
  readonly budget: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Only where rows do not stand one after another. */
  readonly positions?: Exclude<Positions, "contiguous">;
  /** What the picture was seen for; only where the method read it. */
  readonly question?: string;
  /** Visual tokens without reduction. */
  readonly unreduced_tokens: number;
  /** Visual tokens that the language model gets. */
  readonly visual_tokens: number;
  /** Of each view, where there are several; 0 visual tokens of a view that was not encoded. */
  readonly views?: readonly ViewReport[];
  /** Of a video. */
  readonly video?: VideoReport;
  /** Whether its embeddings were there already. */
  readonly remembered: boolean;
  /** Vision tower and reduction when it was encoded: work, without waiting. */
  readonly encode_ms: number;
  /** Waiting for turns of the model when it was encoded. */
  readonly encode_wait_ms: number;
  /** Bytes of keys and values of its visual tokens. */
  readonly key_value_bytes: number;
  /** What they would be without reduction. */
  readonly unreduced_key_value_bytes: number;
}

/** One view of a picture: the whole, or a tile. */
export interface ViewReport {
  /** Those that show the picture. */
  readonly patches: number;
  readonly visual_tokens: number;
}

/** Which frames of a video were seen. */
export interface VideoReport {
  /** Of the video's frames, from 0. */
  readonly indices: readonly number[];
  /** When they are shown. */
  readonly seconds?: readonly number[];
  /** Frames that the video has. */
  readonly total: number;
  readonly notes: readonly string[];
}
