import { projectorPrefix } from "../../graphs/names.js";
import type { Merger } from "../../graphs/vision-parts.js";
import { postLayerNorm } from "../../graphs/vision-tower.js";
import { siteSide } from "../../models/spec.js";
import { reshape, transpose } from "../../onnx/ops/index.js";

/**
 * The connector: the patches of a block side by side, raster order in the block and channels innermost, then one linear layer
 * without a bias. Source: transformers' `Idefics3Connector`.
 *
 * @param hidden float32 [B, N, C]
 * @returns float32 [B, N / s / s, D]
 */
export const connector: Merger = (hidden, spec, weights) => {
  const { vision, language, blockSide: block = 1 } = spec;
  const [batch] = hidden.shape;
  const [side, width] = [siteSide(spec), vision.hiddenSize];
  const normed = postLayerNorm(hidden, { vision, weights });
  const blocks = reshape(normed, [batch!, side, block, side, block, width]);
  const wide = width * block * block;
  const rows = reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [batch!, side * side, wide]);
  return weights.linear(rows, `${projectorPrefix}.weight`, language.hiddenSize, wide);
};
