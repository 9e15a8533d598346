import { PrumergeError } from "../../errors.js";
import type { Orientation } from "../orientation/read-orientation.js";
import { type Box, fourLetters, viewOf } from "./boxes.js";
import { type Item, type Items, readItems } from "./items.js";
import { type ColourCoding, readColourCoding } from "./sequence-header.js";

/** What an AVIF file says of its picture before it is decoded. */
export interface AvifHeader {
  readonly items: Items;
  readonly coding: ColourCoding;
  /** Bits per sample: 8, 10 or 12. */
  readonly depth: number;
  readonly grey: boolean;
  /** Whether chroma has half as many columns, and half as many rows. */
  readonly halfAcross: boolean;
  readonly halfDown: boolean;
  /** Colours are stored multiplied by their opacity. */
  readonly premultiplied: boolean;
  /** By its rotation and mirror, as EXIF would say it. */
  readonly orientation: Orientation;
}

/**
 * Reads what an AVIF file says of its picture.
 *
 * @throws PrumergeError INVALID_IMAGE where there is no AV1 picture
 */
export function readAvifHeader(bytes: Uint8Array, where: string): AvifHeader {
  const items = readItems(bytes);
  const coded = items && codedItem(items);
  const property = (item: Item, type: string) => items && propertyOf(items, item, type);
  const av1 = coded && property(coded, "av1C");
  if (items === undefined || coded === undefined || av1 === undefined) {
    throw new PrumergeError("INVALID_IMAGE", "an AVIF file without an AV1 picture", {
      where,
      found: items === undefined ? "no metadata of a picture" : `an item of type ${items.primary.type}`,
    });
  }
  const flags = bytes[av1.content + 2];
  const grey = (flags & 0x10) !== 0;
  const { primary, references } = items;
  return {
    items,
    coding: codingOf(bytes, items, coded, av1),
    depth: (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12,
    grey,
    halfAcross: !grey && (flags & 0x08) !== 0,
    halfDown: !grey && (flags & 0x04) !== 0,
    premultiplied: references.some(([kind, from]) => kind === "prem" && from === primary.id),
    orientation: orientationOf(
      number(bytes, property(primary, "irot")),
      number(bytes, property(primary, "imir")),
    ),
  };
}

/** A grid's tiles are alike, so the first stands for all. */
function codedItem({ primary, references, all }: Items): Item | undefined {
  if (primary.type === "av01") return primary;
  const tile = references.find(([kind, from]) => kind === "dimg" && from === primary.id);
  const item = tile && all.get(tile[2]);
  return primary.type === "grid" && item?.type === "av01" ? item : undefined;
}

/** The first property of a kind that an item has. */
export function propertyOf(items: Items, item: Item, type: string): Box | undefined {
  return item.properties.map((index) => items.properties[index - 1]).find((box) => box?.type === type);
}

/** The container's word counts, then that of the coded data. */
function codingOf(bytes: Uint8Array, items: Items, coded: Item, av1: Box): ColourCoding {
  for (const item of [items.primary, coded]) {
    for (const index of item.properties) {
      const box = items.properties[index - 1];
      if (box === undefined || !isColourCoding(bytes, box)) continue;
      const view = viewOf(bytes);
      return {
        primaries: view.getUint16(box.content + 4),
        matrix: view.getUint16(box.content + 8),
        full: (bytes[box.content + 10] & 0x80) !== 0,
      };
    }
  }
  const data = items.data(coded.id);
  const found = data && readColourCoding(data);
  const configured = found ?? readColourCoding(bytes.subarray(av1.content + 4, av1.end));
  return configured ?? { primaries: 2, matrix: 2, full: false };
}

/** Whether a property is CICP colour information, and not an ICC profile. */
export function isColourCoding(bytes: Uint8Array, box: Box): boolean {
  return box.type === "colr" && fourLetters(bytes, box.content) === "nclx" && box.end - box.content >= 11;
}

function number(bytes: Uint8Array, box: Box | undefined): number | undefined {
  return box && bytes[box.content];
}

/** Turned counterclockwise by quarters, then mirrored: axis 0 swaps top and bottom, 1 left and right. */
function orientationOf(rotation: number | undefined, mirror: number | undefined): Orientation {
  const turned = (rotation ?? 0) & 3;
  if (mirror === undefined) return ([1, 8, 3, 6] as const)[turned];
  return (mirror & 1) === 0 ? ([4, 5, 2, 7] as const)[turned] : ([2, 7, 4, 5] as const)[turned];
}
