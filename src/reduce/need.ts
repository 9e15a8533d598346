/** What a reducer reads of a view beside its patches. Nothing else is computed or copied for it. */
export interface Need {
  /** Layers of the tower whose keys and queries it reads, counted from the last, -1. Default: none. */
  readonly layers?: readonly -1[];
  /** The patches after the projector. Default: not. */
  readonly projected?: boolean;
}

/** Of a reducer that does not say: the last layer, which class attention is read from. */
export const usualNeed: Need = { layers: [-1] };
