import { nativeInputs } from "../../graphs/contract.js";
import type { TowerFeed } from "../../graphs/tower-feed.js";
import type { NativeTowerSpec } from "../../models/spec.js";
import type { Grid } from "../../reduce/sites.js";
import { tableMix } from "./position-table.js";
import { towerAngles } from "./tower-angles.js";
import { towerOrder } from "./tower-order.js";
import { type Windows, windowsOf } from "./windows.js";

/** What the tower's graph takes beside a picture's pixels. @param tokens grid of merged tokens */
export function towerFeeds(tokens: Grid, vision: NativeTowerSpec): Record<string, TowerFeed> {
  const { mergeSize: merge, hiddenSize, heads, windows, tableSide } = vision;
  const inWindows = windows && windowsOf(tokens, windows.side);
  const order = towerOrder(tokens, merge, inWindows?.order);
  const patches = { rows: tokens.rows * merge, columns: tokens.columns * merge };
  const count = order.length;
  const { cos, sin } = towerAngles(patches.columns, order, hiddenSize / heads);
  const half = cos.length / count;
  return {
    [nativeInputs.patchOrder]: { type: "int64", dims: [count], data: order },
    [nativeInputs.cos]: { type: "float32", dims: [count, half], data: cos },
    [nativeInputs.sin]: { type: "float32", dims: [count, half], data: sin },
    [nativeInputs.queryStep]: { type: "int64", dims: [1], data: Int32Array.of(queryStep(count, heads)) },
    ...(inWindows && windowFeeds(inWindows, merge ** 2, (windows.side * merge) ** 2)),
    ...(tableSide !== undefined && tableFeeds(patches, order, tableSide)),
  };
}

/** Scores that lie there at once, all heads together: 64 MB. */
const scoresAtOnce = 2 ** 24;

function queryStep(patches: number, heads: number): number {
  return Math.min(patches, Math.max(1, Math.floor(scoresAtOnce / (patches * heads))));
}

function tableFeeds(patches: Grid, order: Int32Array, side: number): Record<string, TowerFeed> {
  const { rows, weights } = tableMix(patches, order, side);
  const dims = [4, order.length];
  return {
    [nativeInputs.tableRows]: { type: "int64", dims, data: rows },
    [nativeInputs.tableWeights]: { type: "float32", dims, data: weights },
  };
}

/**
 * Windows as batches of equal length, the smaller ones filled up with the tower's first row, which nobody attends to there.
 *
 * @param perToken patches of a merged token
 * @param length patches of a whole window
 */
function windowFeeds({ order, sizes }: Windows, perToken: number, length: number): Record<string, TowerFeed> {
  const rows = new Int32Array(sizes.length * length);
  const mask = new Int32Array(rows.length);
  const places = new Int32Array(order.length * perToken);
  let patch = 0;
  for (const [window, tokens] of sizes.entries()) {
    for (let at = window * length; at < window * length + tokens * perToken; at++) {
      rows[at] = patch;
      mask[at] = 1;
      places[patch++] = at;
    }
  }
  const back = new Int32Array(order.length);
  for (const [at, token] of order.entries()) back[token] = at;
  const dims = [sizes.length, length];
  return {
    [nativeInputs.windowRows]: { type: "int64", dims, data: rows },
    [nativeInputs.windowMask]: { type: "int32", dims, data: mask },
    [nativeInputs.windowPlaces]: { type: "int64", dims: [places.length], data: places },
    [nativeInputs.tokenOrder]: { type: "int64", dims: [back.length], data: back },
  };
}
