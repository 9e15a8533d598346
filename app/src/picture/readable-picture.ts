/** Formats that every reader of the model takes as they are. */
const taken = [
  [0x89, 0x50, 0x4e, 0x47], // PNG
  [0xff, 0xd8, 0xff], // JPEG
  [0x47, 0x49, 0x46, 0x38], // GIF
] as const;

/** Brands of the ISO container that phones put photographs into. */
const heic = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"];

/** JPEG's quality for what was a photograph: nothing of it is to be seen at the size of a vision tower. */
const quality = 0.95;

/**
 * A picture as a file that the model's readers take. What only the browser can read is drawn again: photographs (HEIC) as JPEG,
 * the rest (AVIF, BMP, TIFF where it can) as PNG.
 *
 * @throws Error with what to do, where the browser cannot read it either
 */
export async function readablePicture(file: Blob): Promise<Blob> {
  const start = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  if (taken.some((magic) => magic.every((byte, at) => start[at] === byte)) || isWebp(start)) return file;
  const photograph = isHeic(start);
  // Profiles are left alone, as the model's own readers do.
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => undefined);
  if (bitmap === undefined) throw new Error(photograph ? heicAdvice : otherAdvice);
  const canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) =>
        blob === null ? reject(new Error("The picture is too large for this browser.")) : resolve(blob),
      photograph ? "image/jpeg" : "image/png",
      quality,
    ),
  );
}

const heicAdvice =
  "This is a HEIC photograph, which this browser cannot read. Save or share it as JPEG first: on an iPhone under Settings, " +
  "Camera, Formats, Most Compatible. Safari 17 and later reads it as it is.";

const otherAdvice =
  "This browser cannot read the file as a picture. Save it as JPEG, PNG, WebP or GIF, and choose it again.";

function isWebp(start: Uint8Array): boolean {
  return text(start, 0, 4) === "RIFF" && text(start, 8, 12) === "WEBP";
}

function isHeic(start: Uint8Array): boolean {
  if (text(start, 4, 8) !== "ftyp") return false;
  // An AVIF file names itself first, and mif1 behind.
  const brands = [text(start, 8, 12), text(start, 16, 20), text(start, 20, 24)];
  return !brands.includes("avif") && !brands.includes("avis") && brands.some((brand) => heic.includes(brand));
}

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
