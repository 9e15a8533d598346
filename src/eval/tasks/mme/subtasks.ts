/** MME's fourteen subtasks in the order of its scorer (calculation.py). */
export const subtasksOf = {
  perception: [
    ...["existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork"],
    "OCR",
  ],
  cognition: ["commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning"],
};

export type Ability = keyof typeof subtasksOf;

export interface Subtask {
  readonly name: string;
  readonly ability: Ability;
}

/** All of them, perception first. */
export const subtasks: readonly Subtask[] = (Object.keys(subtasksOf) as Ability[]).flatMap((ability) =>
  subtasksOf[ability].map((name) => ({ name, ability })),
);
