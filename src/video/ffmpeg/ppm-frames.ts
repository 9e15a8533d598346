import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/picture.js";

/** The longest header that a picture of 8-bit RGB has. */
const longestHeader = 40;

/**
 * Takes pictures apart that follow each other as binary PPM, in whatever pieces their bytes come.
 *
 * @param check refuses a picture by its size before room is made for it
 */
export class PpmFrames {
  readonly pictures: Picture[] = [];
  #header = "";
  #open: { readonly picture: Picture; filled: number } | undefined;

  constructor(private readonly check: (width: number, height: number, before: number) => void) {}

  /** Whether a picture has begun that is not whole. */
  get pending(): boolean {
    return this.#open !== undefined || this.#header !== "";
  }

  take(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const open = this.#open;
      if (open === undefined) {
        this.#readHeader(bytes[at++]);
        continue;
      }
      const { data } = open.picture;
      const part = bytes.subarray(at, at + data.length - open.filled);
      data.set(part, open.filled);
      open.filled += part.length;
      at += part.length;
      if (open.filled < data.length) return;
      this.pictures.push(open.picture);
      this.#open = undefined;
    }
  }

  #readHeader(byte: number): void {
    this.#header += String.fromCharCode(byte);
    const found = /^P6\s+(\d+)\s+(\d+)\s+255\s$/.exec(this.#header);
    if (found === null) {
      if (this.#header.length < longestHeader) return;
      throw new PrumergeError("RUNTIME", "ffmpeg writes no pictures", {
        expected: "PPM",
        found: this.#header.slice(0, 8),
      });
    }
    const [width, height] = [Number(found[1]), Number(found[2])];
    this.check(width, height, this.pictures.length);
    this.#header = "";
    this.#open = { picture: { width, height, data: new Uint8Array(width * height * 3) }, filled: 0 };
  }
}
