/** What a reducer reads of a view beside its patches. Nothing else is computed or copied for it. */
export interface Need {
  /**
   * Layers of the tower whose keys and queries it reads, counted from the last, -1: that one, and any of
   * {@link earlierLayers}. Default: none.
   */
  readonly layers?: readonly number[];
  /** The patches after the projector. Default: not. */
  readonly projected?: boolean;
  /**
   * How much each patch has to do with the question, see {@link wordRelevance}. Default: not. Such a reducer's plan belongs to one
   * question, and `see` refuses it without one.
   */
  readonly relevance?: boolean;
  /** The class token at the feature layer, where the tower has one, to make rows of. Default: not. */
  readonly classFeatures?: boolean;
}

/** Of a reducer that does not say: the last layer, which class attention is read from. */
export const usualNeed: Need = { layers: [-1] };

/**
 * Layers before the last that vision graphs of converted folders show: all that a method of the registry can ask for. One more
 * here costs a graph two names, and nothing to a run that does not ask.
 */
export const earlierLayers: readonly number[] = [-2];

/** Whether a reducer's plans depend on the question: what it makes of a picture is no other question's. */
export function readsQuestion({ need }: { readonly need?: Need }): boolean {
  return need?.relevance === true;
}
