import { filterKernels } from "./filter.js";
import { weightLine } from "./weight-line.js";

/** Values of a view, float32 [channels, height, width]. */
export interface Planes {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}

/**
 * A view scaled to another size, each plane by itself: Pillow's bicubic with antialiasing, as it resizes pictures of mode `F`, without
 * rounding to 8 bits.
 *
 * @param height,width at least 1
 */
export function resizePlanes(planes: Planes, height: number, width: number): Planes {
  return scaleDown(scaleAcross(planes, width), height);
}

function scaleAcross({ data, height, width }: Planes, target: number): Planes {
  if (target === width) return { data, height, width };
  const line = weightLine(axis(width, target), filterKernels.bicubic);
  const lines = data.length / width;
  const scaled = new Float32Array(lines * target);
  for (let x = 0; x < target; x++) {
    const { first, count, weights } = line.at(x);
    for (let row = 0; row < lines; row++) {
      let sum = 0;
      for (let t = 0; t < count; t++) sum += weights[t] * data[row * width + first + t];
      scaled[row * target + x] = sum;
    }
  }
  return { data: scaled, height, width: target };
}

function scaleDown({ data, height, width }: Planes, target: number): Planes {
  if (target === height) return { data, height, width };
  const line = weightLine(axis(height, target), filterKernels.bicubic);
  const planes = data.length / (height * width);
  const scaled = new Float32Array(planes * target * width);
  for (let y = 0; y < target; y++) {
    const { first, count, weights } = line.at(y);
    for (let plane = 0; plane < planes; plane++) {
      const from = (plane * height + first) * width;
      const to = (plane * target + y) * width;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let t = 0; t < count; t++) sum += weights[t] * data[from + t * width + x];
        scaled[to + x] = sum;
      }
    }
  }
  return { data: scaled, height: target, width };
}

function axis(source: number, target: number) {
  return { source, canvas: source, offset: 0, target, from: 0, count: target };
}
