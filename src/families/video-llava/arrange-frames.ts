import type { Arrangement } from "../../reduce/arrangement.js";
import { plainArrangement } from "../../reduce/arrangement.js";
import { planOfRows } from "../../reduce/plan-of-rows.js";
import type { Sites } from "../../reduce/sites.js";

/** The unreduced prompt of a video: of each frame its class token, which pictures go without, and its patches. */
export function arrangeFrames({ count, regions }: Sites): Arrangement {
  const rows = regions.flatMap(({ first, rows, columns }, frame) => [
    { kept: -1, columns: [count + frame], weights: [1] },
    ...Array.from({ length: rows * columns }, (_, patch) => ({
      kept: first + patch,
      columns: [first + patch],
      weights: [1],
    })),
  ]);
  return plainArrangement(planOfRows(count, rows));
}
