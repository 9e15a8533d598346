import { PrumergeError } from "../errors.js";

/** Peaks of a machine, dense (no structured sparsity), as its maker or a measurement states them. */
export interface Hardware {
  /** For the command line. */
  readonly name: string;
  readonly title: string;
  /** Bytes a second between memory and chip. */
  readonly bandwidth: number;
  /** Operations a second (a multiply-add is two) with 16-bit floats. */
  readonly fp16: number;
  /** With 8-bit integers; left out where the chip has no faster way than `fp16`. */
  readonly int8?: number;
  /** With 4-bit integers; left out where the chip has no faster way than `int8`. */
  readonly int4?: number;
  /** Memory, bytes; undefined for own numbers. */
  readonly memory?: number;
  /** Where the numbers are from, and what to know about them. */
  readonly source: string;
}

const [giga, tera] = [1e9, 1e12];

/** Machines whose peaks are known by name. */
export const hardwareTable: readonly Hardware[] = [
  {
    name: "v100",
    title: "NVIDIA V100 PCIe",
    bandwidth: 900 * giga,
    fp16: 112 * tera,
    int8: 62 * tera,
    memory: 32 * giga,
    source:
      "NVIDIA Tesla V100 PCIe product brief: 900 GB/s, 112 TFLOPS of its tensor cores. They take no integers: 62 TOPS " +
      "are its ordinary cores' (DP4A, four times 15.7 TFLOPS, less what LLM-Viewer's table rounds off). The numbers " +
      "behind the paper's efficiency table.",
  },
  {
    name: "a100",
    title: "NVIDIA A100 80 GB SXM",
    bandwidth: 2039 * giga,
    fp16: 312 * tera,
    int8: 624 * tera,
    int4: 1248 * tera,
    memory: 80 * giga,
    source:
      "NVIDIA A100 datasheet (nvidia-a100-datasheet-us-nvidia-1758950-r4) and Ampere architecture whitepaper.",
  },
  {
    name: "h100",
    title: "NVIDIA H100 SXM",
    bandwidth: 3350 * giga,
    fp16: 989.4 * tera,
    int8: 1978.9 * tera,
    memory: 80 * giga,
    source:
      "NVIDIA H100 datasheet: 3.35 TB/s; half of its 1979 TFLOPS and 3958 TOPS, which are with sparsity. No 4-bit integers.",
  },
  {
    name: "h200",
    title: "NVIDIA H200 SXM",
    bandwidth: 4800 * giga,
    fp16: 989.4 * tera,
    int8: 1978.9 * tera,
    memory: 141 * giga,
    source: "NVIDIA H200 datasheet: 4.8 TB/s, 141 GB; the H100's chip, so its operations.",
  },
  {
    name: "rtx4090",
    title: "NVIDIA GeForce RTX 4090",
    bandwidth: 1008 * giga,
    fp16: 165.2 * tera,
    int8: 660.6 * tera,
    int4: 1321.2 * tera,
    memory: 24 * giga,
    source:
      "NVIDIA Ada GPU architecture whitepaper, appendix A: 16-bit floats with 32-bit sums (330.3 TFLOPS with 16-bit sums).",
  },
  {
    name: "m1",
    title: "Apple M1, 8-core GPU",
    bandwidth: 68.25 * giga,
    fp16: 2.6 * tera,
    memory: 16 * giga,
    source:
      "Apple's announcement of 2020-11-10: 2.6 teraflops. The bandwidth is of its memory, 128 bits of LPDDR4X-4266. " +
      "Its GPU is no faster with 16 bits.",
  },
  {
    name: "m3-max",
    title: "Apple M3 Max, 40-core GPU",
    bandwidth: 400 * giga,
    fp16: 14.3 * tera,
    memory: 128 * giga,
    source:
      "Apple's announcement of 2023-10-30: 400 GB/s. Apple states no operations: 40 cores x 128 lanes x 2 at 1.398 GHz, " +
      "a clock that others measured.",
  },
  {
    name: "m4-max",
    title: "Apple M4 Max, 40-core GPU",
    bandwidth: 546 * giga,
    fp16: 17.2 * tera,
    memory: 128 * giga,
    source:
      "Apple's announcement of 2024-10-30: 546 GB/s. Apple states no operations: 40 cores x 128 lanes x 2 at 1.678 GHz, " +
      "a clock that others measured.",
  },
  {
    name: "cpu-2",
    title: "two cores of a server CPU",
    bandwidth: 27 * giga,
    fp16: 0.34 * tera,
    memory: 24 * giga,
    source:
      "Measured on two virtual cores of an Intel Xeon of 2021 (AVX-512): summing 2 GiB with two threads, 27 GB/s; numpy " +
      "(OpenBLAS) 4096 x 4096 float32 product, 340 GFLOPS. It computes 16-bit weights in 32 bits; the 4-bit products " +
      "of ONNX Runtime reach 270 GOPS on it, so integers are not faster there either.",
  },
];

/**
 * @throws PrumergeError INVALID_OPTION with the names there are
 */
export function findHardware(name: string): Hardware {
  const found = hardwareTable.find((hardware) => hardware.name === name.toLowerCase());
  if (found !== undefined) return found;
  throw new PrumergeError("INVALID_OPTION", "no such hardware in the table", {
    expected: hardwareTable.map((hardware) => hardware.name).join(", "),
    found: JSON.stringify(name),
    help: "Give its peaks instead",
  });
}

/** Bits of the number formats that costs are counted for. */
export const numberFormats = { fp16: 16, int8: 8, int4: 4 } as const;

export type NumberFormat = keyof typeof numberFormats;

/** Bits of what is stored and computed. */
export interface Precision {
  readonly weightBits: 4 | 8 | 16;
  readonly activationBits: 4 | 8 | 16;
  readonly keyValueBits: 4 | 8 | 16;
}

/** Operations a second of a product of weights and activations: the wider of the two decides. */
export function peakRate(
  { fp16, int8 = fp16, int4 = int8 }: Hardware,
  { weightBits, activationBits }: Precision,
): number {
  const bits = Math.max(weightBits, activationBits);
  return bits <= 4 ? int4 : bits <= 8 ? int8 : fp16;
}
