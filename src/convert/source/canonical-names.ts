import {
  embeddingWeight,
  languagePrefix,
  outputWeight,
  projectorPrefix,
  visionPrefix,
} from "../../graphs/names.js";
import { type Surplus, surplusOf, towerSurplusOf } from "./surplus.js";

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

/**
 * The name under which graphs ask for a checkpoint's tensor.
 *
 * @returns a {@link Surplus} for tensors that are passed over, `undefined` for names of no known layout.
 */
export function canonicalName(name: string): string | Surplus | undefined {
  const bare = name.replace(
    /^model\.(?=language_model\.|vision_tower\.|multi_modal_projector\.|mm_projector\.)/,
    "",
  );
  for (const [pattern, prefix] of prefixes) {
    if (!pattern.test(bare)) continue;
    const canonical = bare.replace(pattern, prefix);
    return surplusOf(canonical) ?? canonical;
  }
  return surplusOf(name);
}

/** The same for a vision tower's own checkpoint. */
export function canonicalTowerName(name: string): string | Surplus | undefined {
  const surplus = towerSurplusOf(name);
  if (surplus !== undefined) return surplus;
  return canonicalName(
    /^(?:embeddings|encoder|pre_layrnorm|post_layernorm)\./.test(name) ? `vision_tower.${name}` : name,
  );
}

/** The embedding table and the output layer: the tensors with one row per token. */
export const vocabularyTensors: readonly string[] = [embeddingWeight, outputWeight];
