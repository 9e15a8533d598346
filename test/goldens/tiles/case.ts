/** What every case of the family has in its manifest; names of tensors point into its files. */
export interface NextCase {
  readonly name: string;
  readonly level: string;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

type Pair = readonly [height: number, width: number];

/** How a processor is set. */
export interface TileParameters {
  readonly tile: number;
  /** Side of a patch, pixels. */
  readonly patch: number;
  /** Patches along a tile's side. */
  readonly side: number;
  readonly image_grid_pinpoints: readonly Pair[];
}

/** What was recorded of a picture's way into tiles, where it was. */
export interface RecordedGeometry {
  readonly best_resolution: Pair;
  readonly grid?: Pair;
  readonly views?: number;
  readonly resized?: Pair;
  readonly pad_left_top_right_bottom?: readonly number[];
  readonly patch_grid?: Pair;
  readonly rows: number;
  readonly cols: number;
  readonly visual_tokens: number;
}

/** A whole processor, or the sizes alone of many pictures. */
export interface ProcessorCase extends NextCase {
  readonly parameters: TileParameters & {
    readonly width?: number;
    readonly height?: number;
    readonly image_mean?: readonly number[];
    readonly image_std?: readonly number[];
    readonly resample?: number;
  };
  readonly inputs: {
    readonly image?: string;
    readonly images?: readonly string[];
    readonly frames?: readonly string[];
  };
  readonly expected_file: string | null;
  readonly expected:
    | PictureExpectation
    | SeveralExpectation
    | FramesExpectation
    | { readonly pictures: readonly SizeExpectation[] };
}

/** Frames of a video, each of which is one view. */
export interface FramesExpectation {
  readonly pixel_values_videos: Readonly<Record<"pil" | "torchvision", string>>;
  readonly placeholders: number;
}

/** Several pictures of one prompt, each of which is one view. */
export interface SeveralExpectation {
  readonly image_sizes: readonly Pair[];
  readonly views_per_image: 1;
  readonly pixel_values: Readonly<Record<"pil" | "torchvision", string | null>>;
  readonly placeholders: number;
  readonly placeholders_per_image: number;
  /** Of the same pictures, each in a prompt of its own. */
  readonly if_passed_as_flat_list: { readonly placeholders: number };
}

export interface PictureExpectation extends RecordedGeometry {
  readonly image_sizes: readonly Pair[];
  readonly placeholders: number;
  readonly uint8_views_sha256: Readonly<Record<"pil" | "torchvision", string>>;
  readonly pixel_values: Readonly<Record<"pil" | "torchvision", string | null>>;
  readonly original_llava: RecordedGeometry & {
    readonly pixel_values_vs_pil_max_abs: number | null;
    readonly pixel_values?: string;
  };
  /** Null where the tiles are shrunk. */
  readonly packed_view_and_patch: string | null;
}

export interface SizeExpectation extends RecordedGeometry {
  readonly width: number;
  readonly height: number;
  readonly original_llava: RecordedGeometry;
  readonly same_as_original: boolean;
}

/** Made-up features packed. */
export interface PackingCase extends NextCase {
  readonly parameters: TileParameters & { readonly width: number; readonly height: number };
  readonly inputs: { readonly file: string; readonly features: string; readonly image_newline: string };
  readonly expected_file: string;
  readonly expected: RecordedGeometry & { readonly packed: string; readonly downscaled?: boolean };
}

/** How many views a picture has, or each of several of one prompt. */
interface RecordedViews {
  readonly views?: number;
  readonly views_per_image?: number;
}

/** A whole model, one way of reducing. */
export interface ModelCase extends NextCase {
  /** `budgets`: the share of a view's patches that EffiVLM-Bench keeps. */
  readonly parameters: { readonly budgets?: number };
  readonly inputs: {
    readonly model: string;
    readonly image?: string;
    readonly images?: readonly string[];
    readonly frames?: readonly string[];
    readonly prompt: string;
    readonly prompt_ids_with_single_image_token: readonly number[];
    readonly image_token_id: number;
    readonly video_token_id?: number;
  };
  readonly expected_file: string;
  readonly expected: {
    /** Of unreduced cases; lists where there are several pictures. */
    readonly pixel_values?: string | readonly string[];
    readonly pixel_values_videos?: string;
    readonly video_features?: string;
    readonly geometry?: RecordedViews | readonly RecordedViews[];
    readonly image_features?: string | readonly string[];
    readonly patch_is_picture?: string;
    /** Of reduced cases: per view, indices inside the whole tile, in the rows' order. */
    readonly kept_indices?: readonly (readonly number[])[];
    readonly rows_per_view?: readonly number[];
    readonly merged?: string;
    readonly projected?: string;
    readonly visual_tokens: number;
    readonly sequence_length: number;
    readonly inputs_embeds: string;
    readonly logits: string;
    readonly greedy_ids: readonly number[];
    readonly greedy_logits: string;
  };
}
