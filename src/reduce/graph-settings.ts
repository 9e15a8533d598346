/** The settings that a vision graph takes as inputs, for methods that it computes itself. */
export interface GraphSettings {
  /** True: `count` rows exactly. False: the adaptive rule, capped at `count` rows, 0 for no cap. */
  readonly exact: boolean;
  /** Rows of the plan, global token included. */
  readonly count: number;
  readonly iqrFactor: number;
  readonly neighbours: number;
  readonly spatial: boolean;
  readonly globalToken: boolean;
  readonly rasterOrder: boolean;
}

/** Every one of `rows` patches, as it is and where it is: what a graph does for a model that is not reduced. */
export function identitySettings(rows: number): GraphSettings {
  return {
    exact: true,
    count: rows,
    iqrFactor: 1.5,
    neighbours: 0,
    spatial: false,
    globalToken: false,
    rasterOrder: true,
  };
}
