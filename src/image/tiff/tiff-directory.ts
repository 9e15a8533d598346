/** One entry of a TIFF directory: what EXIF and TIFF files keep their facts in. */
interface TiffEntry {
  readonly type: number;
  readonly count: number;
  /** Where its values begin, bytes from the header. */
  readonly at: number;
}

/** The first directory of a TIFF file or an EXIF block. */
export interface TiffDirectory {
  readonly littleEndian: boolean;
  readonly big: boolean;
  readonly entries: ReadonlyMap<number, TiffEntry>;
  /** The numbers of an entry, at most `most`; undefined where it is missing or holds no numbers. */
  numbers(tag: number, most?: number): readonly number[] | undefined;
  /** The bytes of an entry of single bytes. */
  bytes(tag: number): Uint8Array | undefined;
}

/** Bytes per value by type; types that are not known are passed over, as in Pillow. */
const typeSizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
};

/** An entry needs 12 bytes of the file, so a broken count ends where the file does. */
const mostEntries = 65_535;

/**
 * Reads the first directory of TIFF data by Pillow's rules: the first entry of a tag counts, entries of unknown types,
 * without values or reaching out of the data are passed over, and a directory that is cut off holds what came before.
 *
 * @returns undefined where the data does not begin with a TIFF header
 */
export function readTiffDirectory(data: Uint8Array): TiffDirectory | undefined {
  const head = String.fromCharCode(...data.subarray(0, 4));
  const littleEndian = head.startsWith("II");
  const big = head === "II+\0" || head === "MM\0+";
  // Two of them have their version the wrong way round, which Pillow takes.
  if (!big && !["II*\0", "MM\0*", "II\0*", "MM*\0"].includes(head)) return undefined;
  if (data.length < (big ? 16 : 8)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const entries = new Map<number, TiffEntry>();
  const directory: TiffDirectory = {
    littleEndian,
    big,
    entries,
    numbers: (tag, most = 1024) => readNumbers(view, littleEndian, entries.get(tag), most),
    bytes(tag) {
      const entry = entries.get(tag);
      if (entry === undefined || typeSizes[entry.type] !== 1) return undefined;
      return data.subarray(entry.at, entry.at + entry.count);
    },
  };
  const long = (at: number) =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const [wordSize, entrySize] = big ? [8, 20] : [4, 12];
  let at = long(big ? 8 : 4);
  const countSize = big ? 8 : 2;
  if (at + countSize > data.length) return directory;
  const count = Math.min(mostEntries, big ? long(at) : view.getUint16(at, littleEndian));
  at += countSize;
  for (let i = 0; i < count && at + entrySize <= data.length; i++, at += entrySize) {
    const tag = view.getUint16(at, littleEndian);
    const type = view.getUint16(at + 2, littleEndian);
    const values = long(at + 4);
    const size = values * (typeSizes[type] ?? 0);
    const place = at + 4 + wordSize;
    const start = size > wordSize ? long(place) : place;
    if (size === 0 || start + size > data.length || entries.has(tag)) continue;
    entries.set(tag, { type, count: values, at: start });
  }
  return directory;
}

function readNumbers(
  view: DataView,
  littleEndian: boolean,
  entry: TiffEntry | undefined,
  most: number,
): readonly number[] | undefined {
  const read = entry && numberReaders[entry.type];
  if (!read) return undefined;
  const size = typeSizes[entry.type];
  return Array.from({ length: Math.min(entry.count, most) }, (_, i) =>
    read(view, entry.at + i * size, littleEndian),
  );
}

type NumberReader = (view: DataView, at: number, littleEndian: boolean) => number;

const ratio =
  (read: NumberReader): NumberReader =>
  (view, at, littleEndian) =>
    read(view, at, littleEndian) / read(view, at + 4, littleEndian);
const unsignedLong: NumberReader = (view, at, littleEndian) => view.getUint32(at, littleEndian);
const signedLong: NumberReader = (view, at, littleEndian) => view.getInt32(at, littleEndian);

/** Bytes (1), text (2) and what is not defined (7) are no numbers, in Pillow neither. */
const numberReaders: Readonly<Record<number, NumberReader | undefined>> = {
  3: (view, at, littleEndian) => view.getUint16(at, littleEndian),
  4: unsignedLong,
  5: ratio(unsignedLong),
  6: (view, at) => view.getInt8(at),
  8: (view, at, littleEndian) => view.getInt16(at, littleEndian),
  9: signedLong,
  10: ratio(signedLong),
  11: (view, at, littleEndian) => view.getFloat32(at, littleEndian),
  12: (view, at, littleEndian) => view.getFloat64(at, littleEndian),
  13: unsignedLong,
  16: (view, at, littleEndian) => Number(view.getBigUint64(at, littleEndian)),
};
