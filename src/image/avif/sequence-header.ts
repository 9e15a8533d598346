/** How a coded picture's numbers mean colours: code points of ISO/IEC 23091-2 (CICP). */
export interface ColourCoding {
  readonly primaries: number;
  readonly matrix: number;
  /** Whether 0 to 255 is used, and not 16 to 235. */
  readonly full: boolean;
}

const sequenceHeaderObu = 1;

/**
 * The colour coding that an AV1 sequence header states (AV1 specification, 5.5.1 and 5.5.2).
 *
 * @param data AV1 data that begins with it, maybe after a temporal delimiter
 * @returns undefined where there is no sequence header
 */
export function readColourCoding(data: Uint8Array): ColourCoding | undefined {
  for (let at = 0; at + 2 <= data.length; ) {
    const type = (data[at] >> 3) & 15;
    const extended = (data[at] & 4) !== 0;
    const sized = (data[at] & 2) !== 0;
    at += extended ? 2 : 1;
    let size = data.length - at;
    if (sized) {
      size = 0;
      for (let shift = 0; shift < 28; shift += 7) {
        const byte = data[at++] ?? 0;
        size += (byte & 127) << shift;
        if (byte < 128) break;
      }
    }
    if (type === sequenceHeaderObu) return readHeader(new Bits(data.subarray(at, at + size)));
    at += size;
  }
  return undefined;
}

function readHeader(bits: Bits): ColourCoding {
  const profile = bits.take(3);
  bits.take(1);
  const reduced = bits.flag();
  if (reduced) bits.take(5);
  else skipOperatingPoints(bits);
  const [widthBits, heightBits] = [bits.take(4) + 1, bits.take(4) + 1];
  bits.take(widthBits);
  bits.take(heightBits);
  if (!reduced && bits.flag()) bits.take(7);
  bits.take(3);
  if (!reduced) skipTools(bits);
  bits.take(3);
  return readColourConfig(bits, profile);
}

function skipOperatingPoints(bits: Bits): void {
  let modelled = false;
  let delayBits = 0;
  if (bits.flag()) {
    bits.take(32);
    bits.take(32);
    if (bits.flag()) bits.skipUniversal();
    modelled = bits.flag();
    if (modelled) {
      delayBits = bits.take(5) + 1;
      bits.take(32);
      bits.take(10);
    }
  }
  const delays = bits.flag();
  for (let left = bits.take(5) + 1; left > 0; left--) {
    bits.take(12);
    if (bits.take(5) > 7) bits.take(1);
    if (modelled && bits.flag()) bits.take(2 * delayBits + 1);
    if (delays && bits.flag()) bits.take(4);
  }
}

function skipTools(bits: Bits): void {
  bits.take(4);
  const ordered = bits.flag();
  if (ordered) bits.take(2);
  const chosen = bits.flag();
  const forced = chosen ? 2 : bits.take(1);
  if (forced > 0 && !bits.flag()) bits.take(1);
  if (ordered) bits.take(3);
}

function readColourConfig(bits: Bits, profile: number): ColourCoding {
  if (bits.flag() && profile === 2) bits.take(1);
  const grey = profile !== 1 && bits.flag();
  const [primaries, transfer, matrix] = bits.flag()
    ? [bits.take(8), bits.take(8), bits.take(8)]
    : [unspecified, unspecified, unspecified];
  const sRgb = !grey && primaries === 1 && transfer === 13 && matrix === 0;
  return { primaries, matrix, full: sRgb || bits.flag() };
}

const unspecified = 2;

/** Bits from the highest of each byte; past the end they are 0. */
class Bits {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      value = value * 2 + (((this.bytes[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.take(1) === 1;
  }

  /** A number as long as the zeros before it. */
  skipUniversal(): void {
    let zeros = 0;
    while (zeros < 32 && !this.flag()) zeros++;
    this.take(zeros);
  }
}
