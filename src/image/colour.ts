/** What becomes of a picture's transparency: seen on white paper, or ignored. */
export type AlphaRule = "white" | "drop";

/** CMYK with 0 for no ink -> RGB as Pillow converts it: ink removes its share of what black leaves. */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const pixels = cmyk.length / 4;
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const left = 255 - cmyk[i * 4 + 3];
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = left - shareOf255(cmyk[i * 4 + c] * left);
  }
  return new Uint8Array(rgb.buffer);
}

/** RGBA -> RGB, on white with the rounding of Pillow's `alpha_composite`, or with alpha ignored. */
export function rgbaToRgb(rgba: Uint8Array | Uint8ClampedArray, rule: AlphaRule): Uint8Array {
  const pixels = rgba.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const alpha = rule === "drop" ? 255 : rgba[i * 4 + 3];
    for (let c = 0; c < 3; c++) {
      const value = rgba[i * 4 + c];
      // Seven bits of fraction, as in Pillow, whose result is opaque here.
      const mixed = value * alpha * 128 + 255 * (255 - alpha) * 128;
      rgb[i * 3 + c] = alpha === 255 ? value : divide255(mixed + (128 << 7)) >> 7;
    }
  }
  return rgb;
}

/** round(a / 255) for products of two bytes. */
function shareOf255(product: number): number {
  return divide255(product + 128);
}

function divide255(a: number): number {
  return ((a >> 8) + a) >> 8;
}
