import {
  embeddingWeight,
  languagePrefix,
  outputWeight,
  projectorPrefix,
  visionPrefix,
} from "../../graphs/names.js";

/**
 * Every way in which transformers and the original LLaVA code have named a part, tried in order on a name without the
 * `model.` that newer transformers put before everything. Ends of names are the same everywhere.
 */
const prefixes: readonly (readonly [RegExp, string])[] = [
  [/^(?:vision_tower\.)*vision_model\./, `${visionPrefix}.`],
  [
    /^(?:vision_tower\.)+(?=embeddings\.|encoder\.|pre_layrnorm\.|post_layernorm\.|head\.)/,
    `${visionPrefix}.`,
  ],
  [/^multi_modal_projector\./, `${projectorPrefix}.`],
  [/^mm_projector\.0\./, `${projectorPrefix}.linear_1.`],
  [/^mm_projector\.2\./, `${projectorPrefix}.linear_2.`],
  [/^(?:language_model\.)?(?:model\.)?(?=embed_tokens\.|layers\.|norm\.)/, `${languagePrefix}.`],
  [/^(?:language_model\.)?lm_head\.weight$/, outputWeight],
];

/** Buffers that older versions saved and that are computed from the configuration, and SigLIP's unused pooling head. */
const ignored =
  /\.(?:position_ids|rotary_emb\.inv_freq|masked_bias|attn\.bias)$|^vision_tower\.vision_model\.head\./;

/**
 * The name under which graphs ask for a checkpoint's tensor.
 *
 * @returns `null` for tensors that are not weights, `undefined` for names of no known layout.
 */
export function canonicalName(name: string): string | null | undefined {
  const bare = name.replace(
    /^model\.(?=language_model\.|vision_tower\.|multi_modal_projector\.|mm_projector\.)/,
    "",
  );
  for (const [pattern, prefix] of prefixes) {
    if (!pattern.test(bare)) continue;
    const canonical = bare.replace(pattern, prefix);
    return ignored.test(canonical) ? null : canonical;
  }
  return undefined;
}

/** The same for a vision tower's own checkpoint, which may be half of a two-tower model: the other half is left out. */
export function canonicalTowerName(name: string): string | null | undefined {
  if (/^(?:text_model|text_projection|visual_projection|logit_scale|logit_bias)\b/.test(name)) return null;
  return canonicalName(
    /^(?:embeddings|encoder|pre_layrnorm|post_layernorm|head)\./.test(name) ? `vision_tower.${name}` : name,
  );
}

/** The embedding table and the output layer: the tensors with one row per token. */
export const vocabularyTensors: readonly string[] = [embeddingWeight, outputWeight];
