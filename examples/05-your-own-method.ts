/** Your own method: a reducer says which patches each visual token is the weighted sum of; the rest is done for it. */
import { loadModel, oneHotPlan, type Reducer } from "prumerge";

/** Keeps the patches with the largest features, in raster order, and merges nothing. */
function loudestPatches(tokens: number): Reducer {
  return {
    method: "loudest",
    budget: { kind: "exact", rows: tokens },
    options: { tokens },
    // The room is the budget, less a row where the model's class token takes one.
    plan({ grid, patches }, room = { exact: true, count: tokens }) {
      const loudness = Array.from({ length: patches.rows }, (_, patch) =>
        Math.hypot(...patches.data.subarray(patch * patches.columns, (patch + 1) * patches.columns)),
      );
      const loudestFirst = [...loudness.keys()].sort((a, b) => loudness[b]! - loudness[a]! || a - b);
      return oneHotPlan(grid, Int32Array.from(loudestFirst.slice(0, room.count)).sort());
    },
  };
}

const picture = new URL("../models/pocket-llava/samples/sample_2.png", import.meta.url);
const model = await loadModel();
const seen = await model.see(picture, loudestPatches(48));
const { text } = await model.answer(seen, "What is in the image?").result;
console.log(`${seen.statistics.method}: ${seen.statistics.visualTokens} visual tokens. ${text}`);
await model.dispose();
