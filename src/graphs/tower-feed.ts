/** What a vision graph takes of a view beside its pixels, as plain data that can go to another thread. */
export type TowerFeed =
  | { readonly type: "float32"; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: "bool"; readonly dims: readonly number[]; readonly data: Uint8Array }
  | { readonly type: "int32" | "int64"; readonly dims: readonly number[]; readonly data: Int32Array };

/** What a vision encoder that another program exported takes of a view, pixels included, under one of the names that exporters give it. */
export interface EncoderInput {
  readonly names: readonly string[];
  readonly feed: TowerFeed;
  /** Whether a graph without it computes the same of this view. Default: it does not, and is refused. */
  readonly spare?: boolean;
}
