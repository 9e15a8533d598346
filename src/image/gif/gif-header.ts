/** What a GIF file says of its first picture. */
export interface GifHeader {
  /** Where it lies on the screen. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The colour of what it leaves free, as Pillow sees it: that of the transparent index, else the first. */
  readonly free: readonly [number, number, number];
  /** Whether what it leaves free, and its transparent index, shows nothing. */
  readonly transparent: boolean;
}

/**
 * Reads a GIF file as far as its first picture.
 *
 * @returns undefined where the first picture has no palette, or there is none
 */
export function readGifHeader(bytes: Uint8Array): GifHeader | undefined {
  const paletteSize = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1));
  let at = 13 + paletteSize(bytes[10]);
  let palette = bytes.subarray(13, at);
  let transparent: number | undefined;
  while (at < bytes.length) {
    const introducer = bytes[at];
    if (introducer === 0x2c) {
      const own = paletteSize(bytes[at + 9]);
      if (own > 0) palette = bytes.subarray(at + 10, at + 10 + own);
      if (palette.length === 0) return undefined;
      const [red = 0, green = 0, blue = 0] = palette.subarray((transparent ?? 0) * 3);
      const word = (from: number) => bytes[at + from] | (bytes[at + from + 1] << 8);
      const [left, top] = [word(1), word(3)];
      return {
        left,
        top,
        right: left + word(5),
        bottom: top + word(7),
        free: [red, green, blue],
        transparent: transparent !== undefined,
      };
    }
    if (introducer !== 0x21) return undefined;
    const graphicControl = bytes[at + 1] === 0xf9;
    if (graphicControl && (bytes[at + 3] & 1) === 1) transparent = bytes[at + 6];
    at += 2;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
    at++;
  }
  return undefined;
}

/** Gives what the picture leaves free, which sharp shows black, its colour. */
export function colourFree(
  { width, height, channels, data }: DecodedPixels,
  { left, top, right, bottom, free, transparent }: GifHeader,
): void {
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += channels) {
      const outside = x < left || x >= right || y < top || y >= bottom;
      if (transparent ? channels === 4 && data[at + 3] === 0 : outside) data.set(free, at);
    }
  }
}

interface DecodedPixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}
