import { PrumergeError } from "../errors.js";
import type { SitePlaces } from "../families/family.js";
import { runFamily } from "../families/run-registry.js";
import type { ModelSpec } from "../models/spec.js";
import type { Arrangement } from "../reduce/arrangement.js";
import type { Reducer } from "../reduce/reducer.js";
import { insideOf, type Region, type Sites } from "../reduce/sites.js";
import type { Engine } from "../runtime/engine.js";
import { rowViews } from "./row-views.js";

/**
 * Where a reduced picture's rows stand in the language model: one after another, as the released code has it; each where
 * its site stood before anything was left out, with the text after them where it would have gone on; the same with the text
 * right behind the furthest of them, `tight`; or, `far`, one after another with the text where it would have gone on.
 */
export const positionKinds = ["contiguous", "original", "tight", "far"] as const;
export type Positions = (typeof positionKinds)[number];
/** Those at which rows or what comes after them stand elsewhere than one after another. */
export type OtherPositions = Exclude<Positions, "contiguous">;

/** What stands where nobody says otherwise: the released code's way. */
export const defaultPositions: Positions = "contiguous";

/** What a picture's rows carry beside their numbers. */
export interface RowOptions {
  /**
   * Where the rows stand in the language model: one after another, or each where its site stood unreduced, with the text
   * after them where it would have gone on (`original`) or right behind the furthest row (`tight`, as OpenVINO GenAI has it), or
   * that text alone where it would have gone on (`far`). Where the model's context has no
   * room for so many positions, `answer` draws them together and says so. Default `contiguous`, as released.
   */
  readonly positions?: Positions;
  /**
   * False leaves out what a reducer's `rowBias` adds to the rows' keys, for language models elsewhere that take rows alone.
   * Default true.
   */
  readonly bias?: boolean;
}

/** Positions of one picture's rows in a prompt, counted from the position that its first row would have unreduced. */
export interface RowPlace {
  /** [R], 0 or more; in any order, and two rows may share one. The first of three coordinates where a position has them. */
  readonly at: Int32Array;
  /** [R] each, the second and the third coordinate; left out where a position has one. */
  readonly rows?: Int32Array;
  readonly columns?: Int32Array;
  /** By how much what comes after the picture stands behind where the picture began. */
  readonly advance: number;
}

/**
 * Each row at the position that its patch has in the unreduced prompt. A row that stands on no patch, such as PruMerge's
 * global token, takes that of the patch in the middle of its region, which it is a sum over; so does a method's own class token
 * row. That of the model leads, as unreduced, and a separator that ends the picture stands at its end.
 *
 * @param unreduced what the prompt would get of the same sites
 * @param lead class token rows that the model puts before its patches, 0 or 1
 * @param places of the sites; default: one after another, as they are in the prompt
 */
export function originalPlace(
  { plan, origin }: Arrangement,
  sites: Sites,
  unreduced: Arrangement,
  lead: number,
  places = placesInPrompt(sites, unreduced, lead),
): RowPlace {
  const views = rowViews(plan, sites);
  const { at, rows, columns, advance } = places;
  const ofRows = (axis: Int32Array) =>
    origin.map((row) => {
      if (row < 0) return advance - 1;
      const patch = plan.keptPatches[row]!;
      return row < lead ? row : axis[patch < 0 ? middleSite(sites.regions[views[row]!]!) : patch]!;
    });
  return {
    at: ofRows(at),
    ...(rows !== undefined && { rows: ofRows(rows) }),
    ...(columns !== undefined && { columns: ofRows(columns) }),
    advance,
  };
}

/** The same rows, and what comes after them right behind the furthest of them, on whichever axis. */
export function tightPlace(place: RowPlace): RowPlace {
  const furthest = [place.at, place.rows, place.columns].flatMap((axis) => [...(axis ?? [])]);
  return { ...place, advance: furthest.reduce((most, position) => Math.max(most, position + 1), 0) };
}

/** Rows one after another, and what comes after them where it would have come unreduced. */
export function farPlace(rows: number, unreducedRows: number): RowPlace {
  return { at: Int32Array.from({ length: rows }, (_, row) => row), advance: unreducedRows };
}

function placesInPrompt({ count }: Sites, unreduced: Arrangement, lead: number): SitePlaces {
  const { plan, origin, siteRows } = unreduced;
  const at = siteRows?.map((row) => lead + row) ?? new Int32Array(count).fill(-1);
  if (siteRows === undefined)
    for (const [place, row] of origin.entries()) {
      const site = row < 0 ? -1 : plan.keptPatches[row]!;
      if (site >= 0) at[site] = lead + place;
    }
  return { at, advance: lead + origin.length };
}

function middleSite(region: Region): number {
  const { top, left, rows, columns } = insideOf(region);
  return region.first + (top + (rows >> 1)) * region.columns + left + (columns >> 1);
}

/**
 * @throws PrumergeError INVALID_OPTION for another word, and where original positions are not known or the language model's
 * graph takes none
 */
export async function checkPositions(
  positions: unknown,
  engine: Pick<Engine, "vision" | "takes">,
  folder: string,
): Promise<void> {
  if (!positionKinds.some((kind) => kind === positions)) {
    throw new PrumergeError("INVALID_OPTION", "no such positions", {
      where: "positions",
      expected: positionKinds.join(" or "),
      found: typeof positions === "string" ? JSON.stringify(positions) : typeof positions,
    });
  }
  if (positions === defaultPositions) return;
  if (positions !== "far" && engine.vision.kind === "baked") throw unknownSites();
  if ((await engine.takes()).positions) return;
  throw new PrumergeError("INVALID_OPTION", "this language model's graph counts positions by itself", {
    where: "positions",
    expected: "contiguous, or a decoder graph with position_ids",
    found: folder,
    help: "Convert the checkpoint again with prumerge convert, or leave positions contiguous",
  });
}

function unknownSites(): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "original positions are not known", {
    where: "positions",
    found: "a reduction baked into the vision graph, which does not tell which patches it keeps",
    help: "Convert the checkpoint with prumerge convert, or leave positions contiguous or far",
  });
}

/** Where a model's rows stand where nobody says it: a model that counts in rows and columns knows pictures no other way. */
export function usualPositions(spec: ModelSpec): Positions {
  return runFamily(spec).places === undefined ? defaultPositions : "original";
}

/**
 * For models whose positions have three coordinates.
 *
 * @throws PrumergeError INVALID_OPTION for positions that say nothing there; UNSUPPORTED_MODEL where the language model's
 * graph takes one coordinate
 */
export async function checkAxes(
  positions: Positions,
  spec: ModelSpec,
  engine: Pick<Engine, "takes">,
  folder: string,
): Promise<void> {
  const { places, around } = runFamily(spec);
  if (positions === "tight" && places === undefined && around !== undefined) throw notTight();
  if (places === undefined) return;
  if (positions === "far") {
    throw new PrumergeError("INVALID_OPTION", "positions far are of models that count a picture's tokens", {
      where: "positions",
      expected: "original, tight or contiguous",
      found: positions,
    });
  }
  const { axes = 1 } = await engine.takes();
  if (axes === 3) return;
  throw new PrumergeError(
    "UNSUPPORTED_MODEL",
    "this language model's graph takes one coordinate of a position",
    {
      where: folder,
      expected: "position_ids of three axes",
      found: `${axes}`,
      help: "Convert the checkpoint again with prumerge convert",
    },
  );
}

/** Of a picture whose rows stand between texts, each run of which goes on behind the last. */
export function notTight(): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "positions tight are of pictures that are one run of rows", {
    where: "positions",
    expected: "contiguous, original or far",
    found: "tight",
  });
}

/**
 * A reducer whose rows this language model takes: without its bias where the decoder takes none and nobody asked for that.
 *
 * @throws PrumergeError INVALID_OPTION where somebody did
 */
export async function biasable(
  reducer: Reducer,
  engine: Pick<Engine, "takes">,
  folder: string,
): Promise<Reducer> {
  if (reducer.rowBias === undefined || (await engine.takes()).bias) return reducer;
  if (reducer.unbiased !== undefined) return reducer.unbiased;
  throw new PrumergeError("INVALID_OPTION", "this language model's graph takes no bias of rows", {
    where: reducer.method,
    expected: "sizeBias: false, or a decoder graph with key_bias",
    found: folder,
    help: "Convert the checkpoint again with prumerge convert, or make the reducer without it (--option sizeBias=false)",
  });
}
