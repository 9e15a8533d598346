/** A reduction that a vision graph computes by itself, with what it is told for one view. */
export interface GraphProgram {
  /** Its name among the reductions that graphs hold: a file in `graphs/reduction/`. */
  readonly name: string;
  readonly settings: Readonly<Record<string, boolean | number>>;
}

/** What a vision graph does with the patches: a reduction of its own, or every patch as it is and where it is. */
export type GraphReduction = GraphProgram | "identity";
