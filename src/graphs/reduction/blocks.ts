import type { Value } from "../../onnx/builder.js";
import { reduce, reshape } from "../../onnx/ops/index.js";

/**
 * The mean over each square block of patches.
 *
 * @param patches [B, N] or [B, N, C], raster order, N a square
 * @param block patches along a block's side
 * @returns [B, blocks] or [B, blocks, C], raster order
 */
export function blockMean(patches: Value, block: number): Value {
  const [batch, count, ...width] = patches.shape;
  const side = Math.sqrt(count as number) / block;
  const parted = reshape(patches, [batch!, side, block, side, block, ...width]);
  const means = reduce("ReduceMean", reduce("ReduceMean", parted, 4), 2);
  return reshape(means, [batch!, side * side, ...width]);
}
