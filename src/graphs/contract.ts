/**
 * Names of inputs and outputs of the graphs in a model folder: what `graphs/` emits and `runtime/` feeds. N patches, or
 * blocks of them where those become visual tokens and their rows are D wide already, T tower tokens (N, and 1 for the class token where there is one), C tower width, D language width, R visual tokens.
 */

/** `vision*.onnx`: picture and settings in, visual tokens out; the settings change per run without a new session. */
export const visionInputs = {
  pixels: "pixel_values", // float32 [1, 3, S, S]
  exact: "exact", // bool scalar: count is exact (true) or the cap of the adaptive rule (false)
  count: "count", // int64 scalar: visual tokens, global token included; a cap of 0 means no cap
  iqrFactor: "iqr_factor", // float32 scalar
  neighbours: "neighbours", // int64 scalar, 0 .. N - 1
  spatial: "spatial", // bool scalar: add PruMerge+'s spatial samples
  globalToken: "global_token", // bool scalar: append the sum over patches left out
  reach: "reach", // float32 scalar, of the adaptive rule of `cover`: 1 - cosine behind the projector
  rasterOrder: "raster_order", // bool scalar: kept patches in raster order instead of attention order
  // Of towers that take partly filled views; of n patches, before they become blocks.
  patchPositions: "patch_positions", // int64 [n], rows of the table of positions
  validPatches: "valid_patches", // int64 [valid], ascending: the patches that others attend to
} as const;

export const visionOutputs = {
  features: "image_features", // float32 [R, D]
  // Where the class token is the first visual token, it is in the features alone: R - 1 instead of R in these two.
  keptPatches: "kept_patches", // int64 [R without the global token]
  mergeWeights: "merge_weights", // float32 [R, N], the dense W
  patches: "patches", // float32 [N, C]
  keys: "keys", // float32 [T, C], class token first where there is one
  queries: "queries", // float32 [1, C] of the class token, or [N, C]
  classAttention: "class_attention", // float32 [N]
  classFeatures: "class_features", // float32 [1, C], the class token beside the patches; only where the tower has one
  // Of layers before the last, -2 and below: which ones is the converter's choice, and a graph says it by these names.
  layerKeys: (layer: number) => `keys.${layer}`, // float32 [T, C]
  layerQueries: (layer: number) => `queries.${layer}`, // float32 [T, C], of every token
  // Only where blocks of patches become visual tokens, whose keys and queries are means over them.
  headAttention: "head_attention", // float32 [N], of the last layer, the mean over its heads
  layerHeadAttention: (layer: number) => `head_attention.${layer}`, // float32 [N]
  newline: "image_newline", // float32 [1, D], a constant; only where rows of patches end in one
} as const;

/**
 * `vision_video*.onnx`, of families whose videos have a tower of their own: F frames at once, float32 [F, 3, S, S], and the
 * outputs of `vision*.onnx` without a reduction, the rows of all frames one frame after another: `features` [F * T, D] with
 * each frame's class token first, `patches` [F * N, C], `keys` [F * T, C], `queries` [F, C] or [F * N, C],
 * `class_attention` [F * N], `class_features` [F, C].
 */

/**
 * What `vision*.onnx` of a tower for pictures of any size takes beside the pixels, [1 or 2 frames, 3, height, width]: S patches in the
 * tower's order, N rows of the result, heads of width d. Which of them there are depends on the tower.
 */
export const nativeInputs = {
  patchOrder: "patch_order", // int64 [S], patches in raster order
  cos: "rotary_cos", // float32 [S, d / 2]
  sin: "rotary_sin",
  tableRows: "table_rows", // int64 [4, S], rows of the table of positions
  tableWeights: "table_weights", // float32 [4, S]
  windowRows: "window_rows", // int64 [windows, L]: patches of each window, any where it has fewer
  windowMask: "window_mask", // int32 [windows, L]: 0 where it has fewer
  windowPlaces: "window_places", // int64 [S], where each patch lies among windows x L
  tokenOrder: "token_order", // int64 [N], rows of the result in raster order
  queryStep: "query_step", // int64 [1], queries whose attention is added up at once; 0: nobody reads it, and it is 0
} as const;

/** `vision_encoder*.onnx`, the form of other programs: pixel_values [B, 3, S, S] -> image_features [B, count, D]. */
export const visionEncoder = { pixels: "pixel_values", features: "image_features" } as const;

/** `projector.onnx`: float32 [R, C] -> float32 [R, D]. */
export const projector = { tokens: "tokens", features: "image_features" } as const;

/** `embed_tokens*.onnx`: int64 [batch, sequence] -> float32 [batch, sequence, D]. */
export const embedTokens = { ids: "input_ids", embeddings: "inputs_embeds" } as const;

/**
 * `decoder*.onnx`, ours: the key/value cache is input only. Row counts: s new, cap slots (0 allowed) of which the first
 * `past_length` are filled. H key/value heads of width d. Folders of manifest format 1 lack the three inputs about
 * places: there a row's position is its place in the cache, and no key has a bias.
 */
export const decoder = {
  embeddings: "inputs_embeds", // float32 [s, W], W = D and what `deepRows` of the spec adds
  positions: "position_ids", // int64 [axes, s]: 1 axis, or 3; any order, equal ones too
  keyBias: "key_bias", // float32 [s], what the new rows' keys add to every attention score
  pastBias: "past_bias", // float32 [cap], the same of cached rows
  pastLength: "past_length", // int64 scalar
  pastKey: (layer: number) => `past_key.${layer}`, // float32 [H, d, cap], transposed
  pastValue: (layer: number) => `past_value.${layer}`, // float32 [H, cap, d]
  logits: "logits", // float32 [1, V], of the last row
  newKey: (layer: number) => `new_key.${layer}`, // float32 [H, d, s]
  newValue: (layer: number) => `new_value.${layer}`, // float32 [H, s, d]
  // Of graphs that hold keys and values in 8 bits, which are made when a folder is opened: the others are int8 then, and times these.
  pastKeyScale: (layer: number) => `past_key_scale.${layer}`, // float32 [H, cap]
  pastValueScale: (layer: number) => `past_value_scale.${layer}`,
  newKeyScale: (layer: number) => `new_key_scale.${layer}`, // float32 [H, s]
  newValueScale: (layer: number) => `new_value_scale.${layer}`,
} as const;

/** `decoder_model_merged*.onnx`, the form that transformers.js and other exporters use. */
export const mergedDecoder = {
  embeddings: "inputs_embeds", // float32 [batch, sequence, D]
  attentionMask: "attention_mask", // int64 [batch, total]
  positions: "position_ids", // int64 [batch, sequence], or [3, batch, sequence]
  pastKey: (layer: number) => `past_key_values.${layer}.key`, // float32 [batch, H, past, d]
  pastValue: (layer: number) => `past_key_values.${layer}.value`,
  logits: "logits", // float32 [batch, 1, V]
  presentKey: (layer: number) => `present.${layer}.key`,
  presentValue: (layer: number) => `present.${layer}.value`,
} as const;
