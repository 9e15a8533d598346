/** Containers that are decoded. */
export type PictureFormat = "jpeg" | "png" | "webp" | "gif" | "tiff" | "avif";

/** What the first bytes of a file say it is. */
export interface Signature {
  /** Set where the format is one that is decoded. */
  readonly format?: PictureFormat;
  /** In words, for messages. */
  readonly name: string;
}

/** [first bytes as latin-1, `.` for any byte; name; format where it is decoded]; the first that fits counts. */
const signatures: readonly (readonly [string, string, PictureFormat?])[] = [
  ["\xff\xd8\xff", "JPEG", "jpeg"],
  ["\x89PNG\r\n\x1a\n", "PNG", "png"],
  ["GIF87a", "GIF", "gif"],
  ["GIF89a", "GIF", "gif"],
  ["RIFF....WEBP", "WebP", "webp"],
  ["II*\0", "TIFF", "tiff"],
  ["MM\0*", "TIFF", "tiff"],
  ["II+\0", "BigTIFF", "tiff"],
  ["MM\0+", "BigTIFF", "tiff"],
  ["....ftypavif", "AVIF", "avif"],
  ["....ftypavis", "AVIF", "avif"],
  ["....ftypmif1", "HEIF or AVIF", "avif"],
  ["....ftyphei", "HEIC"],
  ["....ftyphev", "HEIC"],
  ["....ftyp", "a video"],
  ["BM", "BMP"],
  ["\xff\x0a", "JPEG XL"],
  ["\0\0\0\x0cJXL ", "JPEG XL"],
  ["\0\0\0\x0cjP  ", "JPEG 2000"],
  ["\xff\x4f\xff\x51", "JPEG 2000"],
  ["\0\0\x01\0", "a Windows icon"],
  ["\0\0\x02\0", "a Windows cursor"],
  ["icns", "a macOS icon"],
  ["DDS ", "a DirectDraw surface"],
  ["qoif", "QOI"],
  ["\x01\xda", "an SGI picture"],
  ["\x59\xa6\x6a\x95", "a Sun raster"],
  ["\x0a\x05\x01", "PCX"],
  ["SIMPLE  =", "FITS"],
  ["%!PS", "PostScript"],
  ["\xc5\xd0\xd3\xc6", "PostScript"],
  ["8BPS", "a Photoshop document"],
  ["%PDF", "PDF"],
  ["PK\x03\x04", "a zip archive"],
  ["\x1f\x8b", "a gzip archive"],
  ["\x1a\x45\xdf\xa3", "a video"],
  ["RIFF", "a RIFF file that is no picture"],
  ["\x7fELF", "a program"],
];

/** Names a file by its first bytes, never by its name's ending; 64 bytes are enough. */
export function readSignature(bytes: Uint8Array): Signature {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  for (const [pattern, name, format] of signatures) {
    if (matches(head, pattern)) return format === undefined ? { name } : { name, format };
  }
  return { name: describeOther(head) };
}

function matches(head: string, pattern: string): boolean {
  return head.length >= pattern.length && [...pattern].every((byte, i) => byte === "." || head[i] === byte);
}

function describeOther(head: string): string {
  const text = head
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart()
    .toLowerCase();
  if (/^p[1-7f]\s/.test(text)) return "Netpbm (PBM, PGM, PPM or PAM)";
  if (text.startsWith("<svg") || text.startsWith("<?xml")) return "SVG or other XML";
  if (text.startsWith("<!doctype html") || text.startsWith("<html")) return "an HTML page";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: telling text from binary is what this is about
  if (!/[\x00-\x08\x0e-\x1f]/.test(head)) return "text";
  const hexadecimal = [...head.slice(0, 8)].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  return `unknown data beginning with ${hexadecimal.join(" ")}`;
}
