/** What PruMerge's and PruMerge+'s reduction is told, by planner and graph alike: docs/reduction-settings.md. */
export interface PruMergeSettings {
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
