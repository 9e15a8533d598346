/** A decoded frame's planes, as WebCodecs copies them out. */
export interface FramePlanes {
  /** `I420`, `NV12`, `I422P10`, `BGRA` and so on. */
  readonly format: string;
  /** Of what is visible. */
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly planes: readonly { readonly offset: number; readonly stride: number }[];
  /** `bt709`, `smpte170m`, `bt470bg`, `bt2020-ncl` or `rgb`; null where nothing says it: as BT.601, like ffmpeg takes it. */
  readonly matrix: string | null;
  readonly fullRange: boolean;
}

/** Shares of red and blue in brightness. */
const shares: Readonly<Record<string, readonly [number, number]>> = {
  bt709: [0.2126, 0.0722],
  smpte170m: [0.299, 0.114],
  bt470bg: [0.299, 0.114],
  "bt2020-ncl": [0.2627, 0.0593],
};

/** Whether {@link planesToRgb} reads planes of a format. */
export function readsFormat(format: string): boolean {
  return layoutOf(format) !== undefined || packed.has(format);
}

/**
 * Pixels of a frame, RGB from the top: each pixel takes the colour of its block, as ffmpeg's conversion without scaling does.
 *
 * @param frame of a format that {@link readsFormat} knows; alpha is left out
 */
export function planesToRgb(frame: FramePlanes): Uint8Array<ArrayBuffer> {
  const order = packed.get(frame.format);
  return order === undefined ? convertPlanes(frame) : unpack(frame, order);
}

/** Where red, green and blue stand in four bytes. */
const packed: ReadonlyMap<string, readonly [number, number, number]> = new Map([
  ["RGBA", [0, 1, 2]],
  ["RGBX", [0, 1, 2]],
  ["BGRA", [2, 1, 0]],
  ["BGRX", [2, 1, 0]],
]);

interface Layout {
  /** Bits by which columns and rows of colour are fewer. */
  readonly across: number;
  readonly down: number;
  readonly depth: 8 | 10 | 12;
  /** Both colours in one plane, by turns. */
  readonly woven: boolean;
}

function layoutOf(format: string): Layout | undefined {
  if (format === "NV12") return { across: 1, down: 1, depth: 8, woven: true };
  const [, kind, depth] = /^I(420|422|444)A?(?:P(10|12))?$/.exec(format) ?? [];
  if (kind === undefined) return undefined;
  return {
    across: kind === "444" ? 0 : 1,
    down: kind === "420" ? 1 : 0,
    depth: depth === undefined ? 8 : (Number(depth) as 10 | 12),
    woven: false,
  };
}

function convertPlanes(frame: FramePlanes): Uint8Array<ArrayBuffer> {
  const { width, height, matrix, fullRange } = frame;
  const { across, down, depth, woven } = layoutOf(frame.format)!;
  const samples = depth === 8 ? frame.data : wide(frame.data);
  const size = depth === 8 ? 1 : 2;
  const [first, second, third] = frame.planes.map(({ offset, stride }) => [offset / size, stride / size]);
  const rgb = new Uint8ClampedArray(width * height * 3);
  const unit = 1 / 2 ** (depth - 8);
  if (matrix === "rgb") {
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at += 3) {
        rgb[at] = samples[third![0]! + y * third![1]! + x]! * unit;
        rgb[at + 1] = samples[first![0]! + y * first![1]! + x]! * unit;
        rgb[at + 2] = samples[second![0]! + y * second![1]! + x]! * unit;
      }
    return new Uint8Array(rgb.buffer);
  }
  const [red, blue] = shares[matrix ?? "smpte170m"] ?? shares.smpte170m!;
  const green = 1 - red - blue;
  const [black, gain, colour] = fullRange ? [0, 1, 2] : [16, 255 / 219, (2 * 255) / 224];
  const [toRed, toBlue] = [colour * (1 - red), colour * (1 - blue)];
  const [redToGreen, blueToGreen] = [(toRed * red) / green, (toBlue * blue) / green];
  const step = woven ? 2 : 1;
  const [blueAt, blueStride] = second!;
  const [redAt, redStride] = woven ? [blueAt! + 1, blueStride] : third!;
  for (let y = 0, at = 0; y < height; y++) {
    const line = first![0]! + y * first![1]!;
    const blues = blueAt! + (y >> down) * blueStride!;
    const reds = redAt! + (y >> down) * redStride!;
    for (let x = 0; x < width; x++, at += 3) {
      const column = (x >> across) * step;
      const luma = (samples[line + x]! * unit - black!) * gain!;
      const cb = samples[blues + column]! * unit - 128;
      const cr = samples[reds + column]! * unit - 128;
      rgb[at] = luma + toRed * cr;
      rgb[at + 1] = luma - redToGreen * cr - blueToGreen * cb;
      rgb[at + 2] = luma + toBlue * cb;
    }
  }
  return new Uint8Array(rgb.buffer);
}

/** Samples of more than 8 bits: two bytes each, the lower first, as on every machine that has a browser. */
function wide(data: Uint8Array): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
}

function unpack({ width, height, data, planes }: FramePlanes, order: readonly [number, number, number]) {
  const rgb = new Uint8Array(width * height * 3);
  const { offset, stride } = planes[0]!;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0, from = offset + y * stride; x < width; x++, from += 4)
      for (const place of order) rgb[at++] = data[from + place]!;
  return rgb;
}
