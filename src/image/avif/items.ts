import { type Box, Fields, fourLetters, readBoxes, versioned } from "./boxes.js";

/** What a HEIF file says of one of its items. */
export interface Item {
  readonly id: number;
  readonly type: string;
  /** Places in the list of properties, from 1; 0 is none. */
  readonly properties: readonly number[];
}

/** The metadata of a HEIF file: its items, their properties and how they belong together. */
export interface Items {
  readonly meta: Box;
  readonly primary: Item;
  readonly all: ReadonlyMap<number, Item>;
  readonly properties: readonly Box[];
  /** [kind of reference, from, to] */
  readonly references: readonly (readonly [string, number, number])[];
  /** Bytes of an item, as far as they lie in one piece; undefined where they do not. */
  data(id: number): Uint8Array | undefined;
}

/** A picture's metadata are some hundred bytes, with a profile some kilobytes. */
const largestMetadata = 16 * 1024 * 1024;

/** Reads the metadata of a HEIF file, of which AVIF is one; undefined where it has no picture. */
export function readItems(bytes: Uint8Array): Items | undefined {
  const meta = readBoxes(bytes, 0, bytes.length).find(({ type }) => type === "meta");
  if (meta === undefined || meta.end - meta.start > largestMetadata) return undefined;
  const boxes = readBoxes(bytes, meta.content + 4, meta.end);
  const child = (type: string, of = boxes) => of.find((box) => box.type === type);
  const [pitm, iinf, iprp] = [child("pitm"), child("iinf"), child("iprp")];
  if (pitm === undefined || iinf === undefined || iprp === undefined) return undefined;
  const inside = readBoxes(bytes, iprp.content, iprp.end);
  const ipco = child("ipco", inside);
  const associations = readAssociations(
    bytes,
    inside.filter(({ type }) => type === "ipma"),
  );
  const all = new Map<number, Item>();
  for (const [id, type] of readTypes(bytes, iinf)) {
    all.set(id, { id, type, properties: associations.get(id) ?? [] });
  }
  const main = versioned(bytes, pitm);
  const primary = all.get(main.fields.take(main.version === 0 ? 2 : 4));
  if (primary === undefined || ipco === undefined) return undefined;
  const iref = child("iref");
  return {
    meta,
    primary,
    all,
    properties: readBoxes(bytes, ipco.content, ipco.end),
    references: iref === undefined ? [] : readReferences(bytes, iref),
    data: (id) => itemData(bytes, child("iloc"), child("idat"), id),
  };
}

function readTypes(bytes: Uint8Array, iinf: Box): (readonly [number, string])[] {
  const { version } = versioned(bytes, iinf);
  const entries = readBoxes(bytes, iinf.content + 4 + (version === 0 ? 2 : 4), iinf.end);
  return entries.map((entry) => {
    const { version, fields } = versioned(bytes, entry);
    const id = fields.take(version < 3 ? 2 : 4);
    return [id, fourLetters(bytes, fields.at + 2)] as const;
  });
}

function readAssociations(bytes: Uint8Array, boxes: readonly Box[]): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const box of boxes) {
    const { version, flags, fields } = versioned(bytes, box);
    for (let left = fields.take(4); left > 0 && !fields.done; left--) {
      const id = fields.take(version === 0 ? 2 : 4);
      const wide = (flags & 1) === 1;
      // The highest bit says that the property must be understood.
      const indices = Array.from(
        { length: fields.take(1) },
        () => fields.take(wide ? 2 : 1) & (wide ? 0x7fff : 0x7f),
      );
      const own = found.get(id);
      if (own === undefined) found.set(id, indices);
      else own.push(...indices);
    }
  }
  return found;
}

function readReferences(bytes: Uint8Array, iref: Box): (readonly [string, number, number])[] {
  const { version } = versioned(bytes, iref);
  const size = version === 0 ? 2 : 4;
  return readBoxes(bytes, iref.content + 4, iref.end).flatMap(({ type, content, end }) => {
    const fields = new Fields(bytes, content, end);
    const from = fields.take(size);
    const count = Math.min(fields.take(2), (end - content) / size);
    return Array.from({ length: count }, () => [type, from, fields.take(size)] as const);
  });
}

/** The first extent of an item: enough for its first bytes. */
function itemData(
  bytes: Uint8Array,
  iloc: Box | undefined,
  idat: Box | undefined,
  wanted: number,
): Uint8Array | undefined {
  if (iloc === undefined) return undefined;
  const { version, fields } = versioned(bytes, iloc);
  const sizes = fields.take(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version === 0 ? 0 : sizes & 15;
  for (let left = fields.take(version < 2 ? 2 : 4); left > 0 && !fields.done; left--) {
    const id = fields.take(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : fields.take(2) & 15;
    fields.take(2);
    const base = fields.take(baseSize);
    const extents = fields.take(2);
    const next = fields.at + extents * (indexSize + offsetSize + lengthSize);
    fields.take(indexSize);
    const [offset, length] = [fields.take(offsetSize), fields.take(lengthSize)];
    fields.at = next;
    if (id !== wanted || extents === 0 || method > 1) continue;
    const start = base + offset + (method === 1 ? (idat?.content ?? Number.POSITIVE_INFINITY) : 0);
    return bytes.subarray(start, length === 0 ? bytes.length : start + length);
  }
  return undefined;
}
