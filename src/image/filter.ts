/** Resampling filters, by Pillow's names. */
export type ResampleFilter = "nearest" | "bilinear" | "bicubic" | "lanczos";

/**
 * Whose arithmetic a picture is resized with, each to the bit: `pillow` (13) or `torchvision` (0.29 on a CPU; what
 * transformers' processors use since 5.0 where it is installed). Both round to 8 bits between the passes; they differ in
 * the passes' order and in how finely weights are stored.
 */
export type Resampler = "pillow" | "torchvision";

/**
 * Programs that resize pictures of floats, without antialiasing and without rounding to 8 bits: `torchvision-0.15` as it
 * resizes tensors, `pytorchvideo` as its ShortSideScale does. Both interpolate as PyTorch does with `align_corners` off; the
 * longer side is int(edge * long / short) and floor(long / short * edge), which differ where the division is not exact.
 */
export const floatResamplers = ["torchvision-0.15", "pytorchvideo"] as const;
export type FloatResampler = (typeof floatResamplers)[number];

/** A separable filter: weight at a distance in source pixels, zero beyond `support`. */
export interface FilterKernel {
  readonly support: number;
  weight(distance: number): number;
}

/** Pillow's cubic is Keys' with a = -0.5. */
const cubic = -0.5;

/** The kernels as Pillow defines them (its `Resample.c`); `nearest` takes single pixels and has none. */
export const filterKernels: Readonly<Record<Exclude<ResampleFilter, "nearest">, FilterKernel>> = {
  bilinear: {
    support: 1,
    weight: (distance) => Math.max(0, 1 - Math.abs(distance)),
  },
  bicubic: {
    support: 2,
    weight(distance) {
      const x = Math.abs(distance);
      if (x < 1) return ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
      if (x < 2) return (((x - 5) * x + 8) * x - 4) * cubic;
      return 0;
    },
  },
  lanczos: {
    support: 3,
    weight: (distance) => (distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0),
  },
};

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}
