/** Tensors that a checkpoint may hold and no LLaVA computes with: passed over, and said. */
export class Surplus {
  /** @param what the kind, for the note */
  constructor(readonly what: string) {}
}

/** What a name says about tensors that are passed over wherever they stand. */
const kinds: readonly (readonly [RegExp, Surplus])[] = [
  // Older versions saved buffers that are computed from the configuration; transformers ignores them on loading.
  [
    /(?:^|\.)(?:position_ids|rotary_emb\.(?:original_)?inv_freq|rotary_emb\.(?:cos|sin)_cached|rope\.freqs|masked_bias|attn\.bias)$/,
    new Surplus("buffers that are computed from the configuration"),
  ],
  [/(?:^|\.)_extra_state$/, new Surplus("state of a training library")],
  // The feature layer lies before it.
  [/(?:^|\.)vision_model\.head\./, new Surplus("the vision tower's pooling head, which no LLaVA uses")],
];

/** Whether a tensor is surplus of a known kind, by its name in any layout. */
export function surplusOf(name: string): Surplus | undefined {
  return kinds.find(([pattern]) => pattern.test(name))?.[1];
}

/** The half of a two-tower model that sees no pictures. */
const otherHalf = new Surplus("the half of a two-tower model that reads text");

/** The same for a vision tower's own checkpoint, which may be half of a two-tower model. */
export function towerSurplusOf(name: string): Surplus | undefined {
  if (/^(?:text_model|text_projection|visual_projection|logit_scale|logit_bias)\b/.test(name))
    return otherHalf;
  return surplusOf(/^head\./.test(name) ? `vision_model.${name}` : name);
}
