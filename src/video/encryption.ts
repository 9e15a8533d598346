import { PrumergeError } from "../errors.js";

/** Bytes of a file from a position on: as many as asked for, or as there are. */
export type ReadBytes = (position: number, length: number) => Promise<Uint8Array>;

/** What holds the boxes that say how a track is coded. */
const ways = new Set(["moov", "trak", "mdia", "minf", "stbl"]);

/** More than any film's index has on the way. */
const mostBoxes = 10_000;

/** Where Matroska says how its tracks are packed, nearly always. */
const trackBytes = 64 * 1024;

/**
 * Refuses a video whose pictures are encrypted: decoders make noise of them, without a word.
 *
 * @throws PrumergeError INVALID_VIDEO
 */
export async function refuseEncrypted(read: ReadBytes, size: number, where: string): Promise<void> {
  const head = await read(0, Math.min(size, trackBytes));
  const encrypted = isMatroska(head)
    ? latin1(head).includes("\x50\x33\x81\x01") // ContentEncodingType: encryption
    : await holdsEncryptedEntry(read, 0, size, { left: mostBoxes });
  if (!encrypted) return;
  throw new PrumergeError("INVALID_VIDEO", "an encrypted video", {
    where,
    expected: "a video that anybody may watch",
    found: "pictures that are encrypted",
    help: "Decrypt it first.",
  });
}

function isMatroska(head: Uint8Array): boolean {
  return head.length > 4 && new DataView(head.buffer, head.byteOffset).getUint32(0) === 0x1a45dfa3;
}

/** Whether a sample description of an MP4 file is of an encrypted kind. */
async function holdsEncryptedEntry(
  read: ReadBytes,
  from: number,
  to: number,
  boxes: { left: number },
): Promise<boolean> {
  let at = from;
  while (at + 8 <= to && boxes.left-- > 0) {
    const header = await read(at, 16);
    if (header.length < 8) return false;
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    const small = view.getUint32(0);
    const size = small === 1 && header.length === 16 ? Number(view.getBigUint64(8)) : small || to - at;
    const end = at + size;
    const content = at + (small === 1 ? 16 : 8);
    if (end < content || end > to) return false;
    const type = latin1(header.subarray(4, 8));
    if (type === "encv") return true;
    if (ways.has(type) && (await holdsEncryptedEntry(read, content, end, boxes))) return true;
    // Its version and its number of entries come before them.
    if (type === "stsd" && (await holdsEncryptedEntry(read, content + 8, end, boxes))) return true;
    at = end;
  }
  return false;
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
