import type { TaskPicture } from "../task.js";

/**
 * How much there is in a picture: bits per pixel of it as JPEG (quality 75, chroma at half resolution), scaled to 336
 * pixels on its shorter side. A grey wall has about 0.1, a crowd 2. A measure that knows nothing of the model.
 */
export async function pictureComplexity(picture: TaskPicture): Promise<number> {
  const { default: sharp } = await import("sharp");
  const { data, info } = await sharp("path" in picture ? picture.path : picture.bytes)
    .rotate()
    .flatten({ background: "white" })
    .resize({ width: 336, height: 336, fit: "outside" })
    .jpeg({ quality: 75 })
    .toBuffer({ resolveWithObject: true });
  return (8 * data.length) / (info.width * info.height);
}

/**
 * Spearman's rank correlation, ties sharing their mean rank.
 *
 * @returns undefined for fewer than three pairs, or where all of one side are equal
 */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number | undefined {
  if (xs.length < 3) return undefined;
  const [a, b] = [ranks(xs), ranks(ys)];
  const mean = (xs.length + 1) / 2;
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += (a[i] - mean) * (b[i] - mean);
    squaresA += (a[i] - mean) ** 2;
    squaresB += (b[i] - mean) ** 2;
  }
  return squaresA === 0 || squaresB === 0 ? undefined : product / Math.sqrt(squaresA * squaresB);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let at = from; at <= to; at++) result[order[at]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return result;
}
