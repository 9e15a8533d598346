import type { Positions } from "prumerge/browser";

/** Where the rows stand, for the one who chooses. */
export const positionHints: Readonly<Record<Positions, string>> = {
  contiguous:
    "The kept tokens one after another, the question right behind them: as the authors' program has it.",
  original: "Each kept token where its patch stood, the question where it would stand without a reduction.",
  tight: "Each kept token where its patch stood, the question right behind the furthest of them.",
  far: "The kept tokens one after another, the question where it would stand without a reduction.",
};

/** The same in a line about an answer. */
export const positionNotes: Readonly<Record<Positions, string>> = {
  contiguous: "",
  original: "at their original positions",
  tight: "at their original positions, the text right behind them",
  far: "the text where it would have stood",
};
