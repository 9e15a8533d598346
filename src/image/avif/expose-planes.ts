import { type AvifHeader, isColourCoding, propertyOf } from "./avif-header.js";
import { type Box, readBoxes } from "./boxes.js";

/** Of no colour, of no transfer, matrix 0: numbers are handed out as they are. */
const identityColour = [0, 2, 0, 2, 0, 0, 0x80];

/**
 * An AVIF file whose decoder hands out luma and chroma instead of colours: the same data, said to be coded with the
 * identity matrix (ISO/IEC 23091-2, matrix 0), so that nothing is converted, and neither turned, mirrored nor cut. The
 * metadata is written anew behind the data, which so keeps its place; what stood before becomes free space.
 *
 * @returns a copy of the file; its red is Cr, its green Y, its blue Cb
 */
export function exposePlanes(bytes: Uint8Array, { items }: AvifHeader): Uint8Array {
  const { meta } = items;
  const children = readBoxes(bytes, meta.content + 4, meta.end);
  const rewritten = children.map((child) =>
    child.type === "iprp" ? propertiesOf(bytes, items) : bytes.subarray(child.start, child.end),
  );
  const added = box("meta", bytes.subarray(meta.content, meta.content + 4), ...rewritten);
  const copy = new Uint8Array(bytes.length + added.length);
  copy.set(bytes);
  copy.set(added, bytes.length);
  copy.set(letters("free"), meta.start + 4);
  // A sequence's first picture is an item like any other; sharp does not open files that say they are sequences.
  if (copy[8 + 3] === letters("s")[0]) copy.set(letters("avif"), 8);
  return copy;
}

function propertiesOf(bytes: Uint8Array, items: AvifHeader["items"]): Uint8Array {
  const kept = items.properties.map(({ start, end }) => bytes.subarray(start, end));
  const identity = box("colr", letters("nclx"), Uint8Array.from(identityColour));
  const associations = [...items.all.values()].flatMap((item) => {
    const indices = item.properties.filter((index) => isKept(bytes, items.properties[index - 1]));
    // Opacity has no colour to convert.
    const coloured = propertyOf(items, item, "auxC") === undefined && indices.length > 0;
    const all = coloured ? [...indices, kept.length + 1] : indices;
    return all.length === 0
      ? []
      : [...number(item.id, 4), all.length, ...all.flatMap((index) => number(index, 2))];
  });
  const count = [...items.all.values()].filter(({ properties }) =>
    properties.some((index) => isKept(bytes, items.properties[index - 1])),
  ).length;
  const ipma = box("ipma", Uint8Array.from([1, 0, 0, 1, ...number(count, 4), ...associations]));
  return box("iprp", box("ipco", ...kept, identity), ipma);
}

function isKept(bytes: Uint8Array, property: Box | undefined): boolean {
  if (property === undefined || isColourCoding(bytes, property)) return false;
  return !["irot", "imir", "clap"].includes(property.type);
}

function box(type: string, ...contents: readonly Uint8Array[]): Uint8Array {
  const size = contents.reduce((sum, content) => sum + content.length, 8);
  const whole = new Uint8Array(size);
  whole.set(number(size, 4));
  whole.set(letters(type), 4);
  let at = 8;
  for (const content of contents) {
    whole.set(content, at);
    at += content.length;
  }
  return whole;
}

function number(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
}

function letters(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
