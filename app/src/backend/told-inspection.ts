import type { VisualTokensAnswer } from "prumerge/api";
import { createInspection, type Inspection, type InspectionStatistics } from "prumerge/drawing";

/** An answer with `inspect`. */
export type ToldPicture = VisualTokensAnswer & Required<Pick<VisualTokensAnswer, "inspection">>;

/** What a server told of a picture, ready to be drawn. */
export function readInspection({ regions, plan, inspection }: ToldPicture, name: string): Inspection {
  const { picture, view, grid, method, options, statistics, question, classToken, classAttention } =
    inspection;
  return createInspection({
    picture: { ...picture, data: new Uint8Array(0) },
    name,
    view,
    grid,
    ...(regions.length > 1 && { regions }),
    plan: {
      patches: plan.patches,
      keptPatches: Int32Array.from(plan.kept_patches),
      offsets: Int32Array.from(plan.offsets),
      columns: Int32Array.from(plan.columns),
      weights: Float32Array.from(plan.weights),
    },
    method,
    ...(question !== undefined && { question }),
    options,
    statistics: statistics as unknown as InspectionStatistics, // its numbers by their names
    ...(classToken !== undefined && { classToken }),
    ...(classAttention !== undefined && { classAttention: Float32Array.from(classAttention) }),
  });
}
