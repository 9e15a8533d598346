import type { InspectedFrame, VisualTokensAnswer } from "prumerge/api";
import { createInspection, type Inspection, type InspectionStatistics } from "prumerge/drawing";

/** An answer with `inspect`. */
export type ToldPicture = Required<Pick<VisualTokensAnswer, "inspection" | "regions" | "plan">>;

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

/** What a server told of a frame: its tokens are its plan. */
export function readFrame({ inspection }: InspectedFrame, name: string): Inspection {
  const { grid, tokens, view } = inspection;
  const offsets = [0];
  for (const { sources } of tokens) offsets.push(offsets.at(-1)! + sources.length);
  const answer = {
    inspection,
    regions: [{ first: 0, ...grid, rectangle: view, frame: 0 }],
    plan: {
      patches: grid.rows * grid.columns,
      grid,
      kept_patches: tokens.map(({ patch }) => patch ?? -1),
      offsets,
      columns: tokens.flatMap(({ sources }) => [...sources]),
      weights: tokens.flatMap(({ weights }) => [...weights]),
    },
  };
  return readInspection(answer, name);
}
