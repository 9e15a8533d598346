import type { Inspection } from "./inspection.js";
import type { PictureReport, Reduction } from "./reduction.js";
import type { Rectangle, Region } from "./region.js";

/** A request of `POST /v1/visual-tokens`. */
export interface VisualTokensRequest {
  /** A data: URL of a picture or an https: address; `low` shows a model with tiles the whole picture alone. */
  readonly image_url?: { readonly url: string; readonly detail?: "auto" | "low" | "high" };
  /** In its place a video, of models that watch videos: a data: URL or an https: address. */
  readonly video_url?: { readonly url: string };
  readonly model?: string;
  readonly prumerge?: Reduction;
  /** What will be asked, for methods that read it, and for the signal of its relevance. */
  readonly question?: string;
  /** `false` leaves them out. Default `true`. */
  readonly embeddings?: boolean;
  /** Adds where each visual token comes from. Default `false`. */
  readonly inspect?: boolean;
  /** Adds what a method reads of the picture. Default `false`. */
  readonly signals?: boolean;
  /** Of a video with `inspect`: adds each frame as it was seen. Default `false`. */
  readonly frame_pictures?: boolean;
}

/** The answer of `POST /v1/visual-tokens`. */
export interface VisualTokensAnswer {
  readonly object: "prumerge.visual_tokens";
  readonly model: string;
  readonly picture: PictureReport;
  /** Rectangle of the picture that the first view covers, pixels. */
  readonly view: Rectangle;
  /** The plan's patches: one grid for each view. */
  readonly regions: readonly Region[];
  /** Rows and width of the embeddings. */
  readonly shape: readonly [number, number];
  readonly embeddings?: Npy;
  readonly plan: Plan;
  /** What each row's key adds to attention, where the method has it so. */
  readonly bias?: readonly number[];
  /** Where the rows stand, if not one after another. */
  readonly place?: Place;
  /** Texts that the model's prompts have between the rows, if they are not one run. */
  readonly parted?: {
    /** Before each region's rows and after the last. */
    readonly texts: readonly string[];
    /** Of each region, in the order of the embeddings. */
    readonly rows: readonly number[];
  };
  /** Of a picture, where `inspect` was asked for. */
  readonly inspection?: Inspection;
  /** The same of a video. */
  readonly film?: FilmInspection;
  readonly signals?: Signals;
}

/** What is kept of a video: one frame for each view; where the model takes several frames together, the first. */
export interface FilmInspection {
  readonly frames: readonly InspectedFrame[];
}

/** What is kept of a frame. */
export interface InspectedFrame {
  /** Which of the video's frames, from 0. */
  readonly frame: number;
  /** When it is shown, where something says it. */
  readonly seconds?: number;
  /** Patches of other frames that were merged into this one's visual tokens. */
  readonly merged_from_other_frames: number;
  /** The frame, a data: URL of a PNG or JPEG, where `frame_pictures` was asked for. */
  readonly picture?: string;
  readonly inspection: Inspection;
}

/** Base64 of a .npy file, float32. */
export type Npy = string;

/** How patches became rows: a sparse matrix in compressed rows. */
export interface Plan {
  readonly patches: number;
  /** Of the first view. */
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Per row its patch, -1 for none. */
  readonly kept_patches: readonly number[];
  /** Row i has columns and weights from `offsets[i]` on. */
  readonly offsets: readonly number[];
  readonly columns: readonly number[];
  readonly weights: readonly number[];
}

/** Positions, counted from where the picture begins. */
export interface Place {
  /** Of each row. */
  readonly at: readonly number[];
  /** Of models whose positions have three coordinates: the second; `at` is the first. */
  readonly rows?: readonly number[];
  /** The third. */
  readonly columns?: readonly number[];
  /** Where the text goes on. */
  readonly advance: number;
}

/** What a method reads of a picture. */
export interface Signals {
  readonly class_token: boolean;
  readonly heads: number;
  readonly patches: Npy;
  readonly keys: Npy;
  readonly queries: Npy;
  /** The class token's attention to each patch, or, where `class_token` is false, the mean that each receives. */
  readonly class_attention?: Npy;
  /** Layers before the last, counted from it: `"-2"`. A class token's row comes first. */
  readonly layers?: Readonly<Record<string, LayerSignals>>;
  /** Where rows stand for blocks of patches: the attention that a block receives, the mean over heads. */
  readonly head_attention?: Npy;
  /** The class token beside the patches, [1, width]. */
  readonly class_features?: Npy;
  /** How much each patch has to do with the question, where one was sent. */
  readonly relevance?: Npy;
}

/** What an earlier layer shows. */
export interface LayerSignals {
  readonly keys: Npy;
  readonly queries: Npy;
  readonly head_attention?: Npy;
}
