/** What a vision graph takes of a view beside its pixels, as plain data that can go to another thread. */
export type TowerFeed =
  | { readonly type: "float32"; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: "int32" | "int64"; readonly dims: readonly number[]; readonly data: Int32Array };
