import { joined, latin1 } from "./bytes.js";
import type { PictureMetadata } from "./picture-metadata.js";

/** Largest text that is unpacked, as in Pillow; what grows beyond it is no metadata. */
const maximumText = 1024 * 1024;

const xmpKey = "XML:com.adobe.xmp";
const profileKey = "Raw profile type exif";

interface Chunk {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly content: Uint8Array;
}

function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 8; start + 12 <= bytes.length; ) {
    const end = start + 12 + view.getUint32(start);
    const kind = latin1(bytes.subarray(start + 4, start + 8));
    if (kind === "IEND") return;
    yield { kind, start, end, content: bytes.subarray(start + 8, end - 4) };
    start = end;
  }
}

/** The file in parts, without its EXIF. */
export function withoutPngExif(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { kind, start, end } of chunksOf(bytes)) {
    if (kind !== "eXIf") continue;
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  return [...parts, bytes.subarray(from)];
}

/**
 * EXIF and XMP of a PNG file, wherever its chunks stand: `eXIf`, or the hexadecimal profile that ImageMagick writes as
 * text where there is none; XMP as international, compressed or plain text. The last of a kind counts, as in Pillow.
 */
export async function pngMetadata(bytes: Uint8Array): Promise<PictureMetadata> {
  let exif: Uint8Array | undefined;
  const texts = new Map<string, Uint8Array>();
  for (const { kind, content } of chunksOf(bytes)) {
    if (kind === "eXIf") exif = content;
    const text = textReaders[kind]?.(content);
    if (text !== undefined && [xmpKey, profileKey, "exif"].includes(text.key)) {
      const value = text.packed ? await unpack(text.value) : text.value;
      if (value !== undefined) texts.set(text.key, value);
    }
  }
  const profile = texts.get(profileKey);
  exif ??= texts.get("exif") ?? (profile && readProfile(profile));
  const xmp = texts.get(xmpKey);
  return { ...(exif && { exif }), ...(xmp && { xmp }) };
}

interface Text {
  readonly key: string;
  readonly packed: boolean;
  readonly value: Uint8Array;
}

const textReaders: Readonly<Record<string, ((chunk: Uint8Array) => Text | undefined) | undefined>> = {
  tEXt(chunk) {
    const [key, value] = cutAtZero(chunk);
    return { key: latin1(key), packed: false, value };
  },
  zTXt(chunk) {
    const [key, value] = cutAtZero(chunk);
    return value[0] === 0 ? { key: latin1(key), packed: true, value: value.subarray(1) } : undefined;
  },
  iTXt(chunk) {
    const [key, rest] = cutAtZero(chunk);
    const [, translated] = cutAtZero(rest.subarray(2));
    const [, value] = cutAtZero(translated);
    return { key: latin1(key), packed: rest[0] !== 0, value };
  },
};

/** What stands before the first zero byte, and after it. */
function cutAtZero(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const zero = bytes.indexOf(0);
  return zero < 0 ? [bytes, new Uint8Array(0)] : [bytes.subarray(0, zero), bytes.subarray(zero + 1)];
}

/** A name, a length and hexadecimal digits, each on lines of their own. */
function readProfile(text: Uint8Array): Uint8Array {
  const digits = latin1(text).split("\n").slice(3).join("").replace(/\s/g, "");
  return Uint8Array.from(digits.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** zlib data unpacked, or undefined where it is broken or too long. */
async function unpack(packed: Uint8Array): Promise<Uint8Array | undefined> {
  const stream = new Blob([packed as BlobPart]).stream().pipeThrough(new DecompressionStream("deflate"));
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maximumText) {
        await reader.cancel();
        return undefined;
      }
      parts.push(value);
    }
  } catch {
    return undefined;
  }
  return joined(parts);
}
