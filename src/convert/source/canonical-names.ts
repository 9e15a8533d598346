import type { NameRules } from "../../families/convert-family.js";
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
const prefixes: NameRules = [
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

/** How the tensors of a file are called, and what the file is of. */
export interface Naming {
  readonly of: "checkpoint" | "tower" | "adapter";
  /**
   * The name under which graphs ask for a tensor.
   *
   * @returns a {@link Surplus} for tensors that are passed over, `undefined` for names of no known layout.
   */
  canonical(name: string): string | Surplus | undefined;
}

/** Names in a checkpoint. @param rules the family's own names, tried first */
export function checkpointNames(rules: NameRules = []): Naming {
  return {
    of: "checkpoint",
    canonical(name) {
      const bare = name.replace(
        /^model\.(?=language_model\.|vision_tower\.|multi_modal_projector\.|mm_projector\.)/,
        "",
      );
      return renamed(name, rules) ?? renamed(bare, prefixes) ?? surplusOf(name);
    },
  };
}

function renamed(name: string, rules: NameRules): string | Surplus | undefined {
  const rule = rules.find(([pattern]) => pattern.test(name));
  if (rule === undefined) return undefined;
  const canonical = name.replace(...rule);
  return surplusOf(canonical) ?? canonical;
}

/** The same for a vision tower's own checkpoint. */
export function towerNames(rules: NameRules = []): Naming {
  const whole = checkpointNames(rules);
  return {
    of: "tower",
    canonical: (name) =>
      towerSurplusOf(name) ??
      whole.canonical(
        /^(?:embeddings|encoder|pre_layrnorm|post_layernorm)\./.test(name) ? `vision_tower.${name}` : name,
      ),
  };
}

/** The embedding table and the output layer: the tensors with one row per token. */
export const vocabularyTensors: readonly string[] = [embeddingWeight, outputWeight];
