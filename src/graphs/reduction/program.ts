/** Type of a setting's scalar in a graph. */
type SettingType = "bool" | "int64" | "float32";

/** A reduction that a vision graph holds: how its settings are fed. What it computes is its graph's. */
export interface ReductionProgram {
  /** What planners call it by, `GraphProgram.name`. */
  readonly name: string;
  /** The graph's inputs, by the settings' names. */
  readonly inputs: Readonly<Record<string, { readonly name: string; readonly type: SettingType }>>;
  /** Settings that hand on every one of N patches as it is and where it is. */
  identity(patches: number): Readonly<Record<string, boolean | number>>;
  /**
   * Refuses settings that the graph cannot take at N patches: fed others, its answer is undefined.
   *
   * @throws PrumergeError INVALID_OPTION
   */
  check(settings: Readonly<Record<string, boolean | number>>, patches: number): void;
}
