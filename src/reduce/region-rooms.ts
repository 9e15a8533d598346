import type { Reducer, RowRoom } from "./reducer.js";
import { rowRoom } from "./row-room.js";
import { insideOf, type Region, type Sites } from "./sites.js";

/**
 * The room that a budget leaves to each region. A count is shared out by the patches that show the picture: whole shares
 * first, then one more to the largest fractions, earlier regions first; no region gets more than its patches. The
 * method's own rule is each region's own.
 *
 * @param fixed rows that the language model gets beside the plan's whatever happens
 * @returns undefined for a region that gives no row
 * @throws PrumergeError INVALID_OPTION for a count that the picture cannot give
 */
export function regionRooms(reducer: Reducer, { regions }: Sites, fixed = 0): (RowRoom | undefined)[] {
  const inside = regions.map((region) => insideOf(region)).map(({ rows, columns }) => rows * columns);
  // A view that may keep all it has is left as it is: of several, none gets a row beyond its patches.
  const { method, budget } = reducer;
  const asked = regions.length === 1 ? reducer : { method, budget, extraRows: 0 };
  const room = rowRoom(
    asked,
    inside.reduce((sum, patches) => sum + patches, 0),
    fixed,
  );
  if (regions.length === 1) return [room];
  if (reducer.budget.kind === "rule") return inside.map((patches) => (patches > 0 ? room : undefined));
  if (reducer.budget.kind === "all")
    return inside.map((count) => (count > 0 ? { exact: true, count } : undefined));
  return shareOut(room.count, inside).map((count) => (count > 0 ? { exact: room.exact, count } : undefined));
}

/** Whether a region keeps every patch that it has, in raster order: one of several that may. */
export function staysWhole(region: Region, room: RowRoom, regions: number): boolean {
  const { rows, columns } = insideOf(region);
  return room.exact && regions > 1 && room.count >= rows * columns;
}

/** `count` in proportion to `sizes`, by largest remainder; what a size cannot hold goes to the others. */
function shareOut(count: number, sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const most = Math.min(count, total);
  const shares = sizes.map((size) => Math.floor((most * size) / total));
  const rest = most - shares.reduce((sum, share) => sum + share, 0);
  const fraction = (at: number) => (most * sizes[at]) % total;
  const order = sizes.map((_, at) => at).sort((a, b) => fraction(b) - fraction(a) || a - b);
  for (const at of order.slice(0, rest)) shares[at]! += 1;
  return shares;
}
