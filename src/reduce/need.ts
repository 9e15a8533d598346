/** A layer of the tower, counted from the last. */
type LayerFromLast = -1;

/** What a reducer reads of a view beside its patches. Nothing else is computed or copied for it. */
export interface Need {
  /** Layers of the tower whose keys and queries it reads. Default: none. */
  readonly layers?: readonly LayerFromLast[];
  /** The patches after the projector. Default: not. */
  readonly projected?: boolean;
}

/** Of a reducer that does not say: the last layer, which class attention is read from. */
export const usualNeed: Need = { layers: [-1] };
