/** What every case of the family has in its manifest; names of tensors point into its files. */
export interface SmolVlmCase {
  readonly name: string;
  readonly level: string;
  readonly expected_file: string | null;
}

/** How a processor is set. */
interface SplitParameters {
  readonly longest_edge: number;
  readonly max_image_size: number;
  readonly do_image_splitting: boolean;
}

/** Pictures on their way into views and a prompt, or the sizes alone of many. */
export interface ProcessorCase extends SmolVlmCase {
  readonly parameters: SplitParameters & {
    readonly image_seq_len?: number;
    readonly image_mean?: number;
    readonly image_std?: number;
    readonly tokenizer?: string;
  };
  readonly inputs: { readonly images?: readonly string[] };
  readonly expected: PicturesExpectation | SizesExpectation;
}

export interface PicturesExpectation {
  readonly stage1_hw: readonly (readonly number[])[];
  readonly stage2_hw: readonly (readonly number[])[];
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  readonly views: number;
  readonly uint8_views_sha256: string;
  readonly uint8_views_chw_sha256: string;
  readonly image_tokens: number;
  readonly prompt_text: string;
  readonly sequence_length: number;
  readonly input_ids: string;
  /** Of cases of one view. */
  readonly pixel_values?: string;
}

export interface SizesExpectation {
  readonly columns: readonly string[];
  readonly sizes: readonly (readonly number[])[];
}

/** Places of a view's patches in the tower's table. */
export interface PositionsCase extends SmolVlmCase {
  readonly parameters: { readonly table_side: number };
  readonly inputs: {
    readonly grid_hw: readonly [number, number];
    readonly valid_hw: readonly [number, number];
  };
  readonly expected_file: string;
  readonly expected: { readonly position_ids: string };
}

/** A whole model, unreduced or with given rows. */
export interface ModelCase extends SmolVlmCase {
  readonly inputs: {
    readonly model: string;
    readonly images: readonly string[] | null;
    readonly prompt: string;
    readonly do_image_splitting: boolean;
    readonly image_token_id: number;
    /** Of views that are given instead of a picture. */
    readonly pixel_values?: string;
    readonly pixel_attention_mask?: string;
    /** Of reduced cases: per view, places in it in the rows' order. */
    readonly kept_indices?: readonly (readonly number[])[];
    /** Rows of all views stacked; null where the kept are handed on as they are. */
    readonly merge_matrix?: string | null;
    readonly file?: string;
  };
  readonly parameters: { readonly positions?: "contiguous" | "original" };
  readonly expected_file: string;
  readonly expected: {
    readonly input_ids: string;
    readonly sequence_length: number;
    readonly next_position: number;
    readonly greedy_ids: readonly number[];
    readonly inputs_embeds: string | null;
    // Of unreduced cases.
    readonly views?: number;
    readonly uint8_views_sha256?: string | null;
    readonly image_hidden_states?: string;
    readonly logits?: string;
    readonly greedy_logits?: string;
    readonly position_ids_vision?: string;
    readonly score_full_width?: string;
    readonly score_per_head?: string;
    readonly pooled_keys?: string;
    // Of reduced cases.
    readonly position_ids?: string | null;
    readonly visual_tokens?: readonly number[];
    readonly logits_last_4?: string;
    readonly greedy_logits_first_4?: string;
  };
}
