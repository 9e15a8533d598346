/** What every case of the three families has in its manifest. */
export interface QwenCase {
  readonly name: string;
  /** Left out in cases of whole models. */
  readonly kind?: string;
  readonly expected_error: { readonly type: string; readonly text: string } | null;
}

/** How the image processor is set. */
export interface ProcessorParameters {
  readonly patch_size: number;
  readonly merge_size: number;
  readonly min_pixels: number;
  readonly max_pixels: number;
  readonly image_mean: readonly number[];
  readonly image_std: readonly number[];
}

type Grid = readonly [frames: number, rows: number, columns: number];

/** Sums and some values of a tensor that is too large to store. */
export interface Checksum {
  readonly shape: readonly number[];
  readonly sum: number;
  readonly abs_sum: number;
  readonly flat_index: readonly number[];
  readonly value: readonly number[];
}

export interface SizesCase extends QwenCase {
  readonly parameters: ProcessorParameters;
  readonly expected: {
    readonly rows: readonly {
      readonly height: number;
      readonly width: number;
      readonly resized?: readonly [number, number];
      readonly image_grid_thw?: Grid;
      readonly patches?: number;
      readonly placeholders?: number;
      readonly expected_error?: { readonly text: string };
    }[];
  };
}

export interface PictureCase extends QwenCase {
  readonly parameters: ProcessorParameters;
  readonly inputs: { readonly image?: string; readonly images?: readonly string[] };
  readonly expected_file: string | null;
  readonly expected: {
    readonly resized?: readonly [number, number];
    readonly image_grid_thw: Grid | readonly Grid[];
    readonly placeholders?: number;
    readonly resized_pil?: string;
    readonly resized_torchvision?: string;
    readonly pixel_values?: string;
    readonly pixel_values_checksum: Checksum;
  };
}

export interface PositionsCase extends QwenCase {
  readonly parameters: {
    readonly spatial_merge_size: number;
    readonly image_token_id: number;
    readonly video_token_id: number;
    readonly tokens_per_second?: number;
    readonly second_per_grid_ts?: readonly number[];
  };
  readonly inputs: {
    readonly file: string;
    readonly input_ids: string;
    readonly image_grid_thw: readonly Grid[] | null;
    readonly video_grid_thw: readonly Grid[] | null;
  };
  readonly expected_file: string;
  readonly expected: {
    readonly position_ids: string;
    readonly rope_delta: number;
    readonly next_position: number;
    /** Where version 4.57.6 has others. */
    readonly position_ids_4_57_6?: string;
    readonly rope_delta_4_57_6?: number;
    readonly next_position_4_57_6?: number;
  };
}

export interface GridCase extends QwenCase {
  readonly parameters: {
    readonly spatial_merge_size: number;
    readonly window_size?: number;
    readonly patch_size?: number;
    readonly num_grid_per_side?: number;
  };
  readonly inputs: { readonly grid_thw: readonly Grid[] };
  readonly expected_file: string | null;
  readonly expected: {
    readonly window_index?: readonly number[];
    readonly cu_window_seqlens?: readonly number[];
    readonly indices?: string;
    readonly weights?: string;
    readonly row_column?: readonly (readonly number[])[];
  };
}

/** The name of a tensor, where words about it follow. */
export function tensorName(text: string): string {
  return text.split(/:? /)[0]!;
}
