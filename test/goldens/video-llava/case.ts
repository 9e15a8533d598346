/** What every case of a folder of the family video_llava records, whichever program it is of. */
export interface VideoLlavaCase {
  readonly name: string;
  readonly parameters: { readonly N: number; readonly reduction_ratio_argument?: number };
  readonly inputs: {
    readonly model: string;
    readonly prompt: string;
    /** A file beside the manifest, or of the authors' program the name of a tensor of 8-bit pixels. */
    readonly image: string | null;
    readonly frames: string | null;
    readonly file: string;
    /** What stands for pictures and videos; of the authors' program -200 does, once for each frame. */
    readonly image_token_id?: number;
    readonly video_token_id?: number;
    readonly prompt_ids_with_single_placeholders?: readonly number[];
    readonly prompt_ids_with_minus_200?: readonly number[];
  };
  readonly expected: {
    readonly kept_indices: readonly (readonly number[])[] | null;
    readonly image_kept_indices?: readonly (readonly number[])[];
    readonly tokens_per_frame?: readonly number[];
    readonly visual_tokens: number;
    readonly sequence_length: number;
    readonly merged: string | null;
    readonly projected: string | null;
    readonly inputs_embeds: string | null;
    readonly logits: string;
    readonly greedy_ids: readonly number[];
    readonly greedy_logits: string;
    /** Which rows were stored of tensors that would be large: the first of embeddings, the last of logits. */
    readonly rows_kept?: Readonly<Record<string, string>>;
  };
}
