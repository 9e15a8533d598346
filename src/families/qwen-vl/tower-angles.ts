/** Cosines and sines, [S, head width / 2] each. */
export interface TowerAngles {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * By what the tower's queries and keys are rotated: half of the angles follow from a patch's row, half from its column. In
 * float32, as transformers' `VisionRotaryEmbedding`.
 *
 * @param columns of the grid of patches
 * @param order patches in the tower's order, S of them
 * @param headDim width of a head; a multiple of 4
 */
export function towerAngles(columns: number, order: Int32Array, headDim: number, theta = 10000): TowerAngles {
  const { fround } = Math;
  const quarter = headDim / 4;
  const frequencies = Array.from({ length: quarter }, (_, i) =>
    fround(1 / fround(theta ** fround((2 * i) / (headDim / 2)))),
  );
  const cos = new Float32Array(order.length * 2 * quarter);
  const sin = new Float32Array(cos.length);
  let at = 0;
  for (const patch of order) {
    for (const place of [Math.floor(patch / columns), patch % columns]) {
      for (const frequency of frequencies) {
        const angle = fround(place * frequency);
        cos[at] = Math.cos(angle);
        sin[at++] = Math.sin(angle);
      }
    }
  }
  return { cos, sin };
}
