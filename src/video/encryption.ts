import type { FileHandle } from "node:fs/promises";
import { PrumergeError } from "../errors.js";

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
export async function refuseEncrypted(file: FileHandle, size: number, where: string): Promise<void> {
  const head = await read(file, 0, Math.min(size, trackBytes));
  const encrypted = isMatroska(head)
    ? // ContentEncodingType: encryption
      head.includes(Buffer.from([0x50, 0x33, 0x81, 0x01]))
    : await holdsEncryptedEntry(file, 0, size, { left: mostBoxes });
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
  file: FileHandle,
  from: number,
  to: number,
  boxes: { left: number },
): Promise<boolean> {
  let at = from;
  while (at + 8 <= to && boxes.left-- > 0) {
    const header = await read(file, at, 16);
    if (header.length < 8) return false;
    const small = header.readUInt32BE(0);
    const size = small === 1 && header.length === 16 ? Number(header.readBigUInt64BE(8)) : small || to - at;
    const end = at + size;
    const content = at + (small === 1 ? 16 : 8);
    if (end < content || end > to) return false;
    const type = header.toString("latin1", 4, 8);
    if (type === "encv") return true;
    if (ways.has(type) && (await holdsEncryptedEntry(file, content, end, boxes))) return true;
    // Its version and its number of entries come before them.
    if (type === "stsd" && (await holdsEncryptedEntry(file, content + 8, end, boxes))) return true;
    at = end;
  }
  return false;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
