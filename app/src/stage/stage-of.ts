import {
  createStage,
  type Inspection,
  pageData,
  type Stage,
  type StageModel,
  stageModel,
} from "prumerge/drawing";

/** An inspection's drawing, and what it knows of its patches. */
export interface StageOf {
  readonly stage: Stage;
  readonly model: StageModel;
}

const known = new WeakMap<Inspection, StageOf>();

/** Made once for each inspection. */
export function stageOf(inspection: Inspection): StageOf {
  const made = known.get(inspection);
  if (made !== undefined) return made;
  const stage = createStage(inspection);
  const fresh = { stage, model: stageModel(pageData(inspection, stage)) };
  known.set(inspection, fresh);
  return fresh;
}
