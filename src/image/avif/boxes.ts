/** A box of the ISO base media file format: where it begins, where its content does, and where it ends. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** A file's metadata holds some dozens of boxes; what holds thousands is no picture. */
const mostBoxes = 4096;

/** The boxes that follow each other in a stretch of bytes; what does not fit into it ends the list. */
export function readBoxes(bytes: Uint8Array, from: number, to: number): Box[] {
  const view = viewOf(bytes);
  const boxes: Box[] = [];
  let start = from;
  while (start + 8 <= to && boxes.length < mostBoxes) {
    let size = view.getUint32(start);
    let content = start + 8;
    if (size === 1 && start + 16 <= to) {
      size = Number(view.getBigUint64(start + 8));
      content = start + 16;
    }
    const end = size === 0 ? to : start + size;
    if (end < content || end > to) break;
    boxes.push({ type: fourLetters(bytes, start + 4), start, content, end });
    start = end;
  }
  return boxes;
}

/** Four characters of a box's or an item's type. */
export function fourLetters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Big-endian numbers of a stretch of bytes, one after the other; past its end they are 0. */
export class Fields {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
    private readonly end: number,
  ) {}

  /** An unsigned number of 0 to 8 bytes. */
  take(length: number): number {
    let value = 0;
    for (let i = 0; i < length; i++, this.at++) {
      value = value * 256 + (this.at < this.end ? this.bytes[this.at] : 0);
    }
    return value;
  }

  get done(): boolean {
    return this.at >= this.end;
  }
}

/** The version of a box that has one, and a reader of what follows its version and flags. */
export function versioned(bytes: Uint8Array, box: Box): { version: number; flags: number; fields: Fields } {
  const fields = new Fields(bytes, box.content, box.end);
  const version = fields.take(1);
  return { version, flags: fields.take(3), fields };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
