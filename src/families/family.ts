import type { z } from "zod";
import type { TowerFeed } from "../graphs/tower-feed.js";
import type { PixelValues, View } from "../image/picture.js";
import type { Aspect } from "../image/preprocess-spec.js";
import type { ModelSpec } from "../models/spec.js";
import type { Arrangement } from "../reduce/arrangement.js";
import type { Sites } from "../reduce/sites.js";
import type { ExportDoor } from "./export-door.js";
import type { VideoDoor } from "./video-door.js";

/** Where a picture's sites stand in the unreduced prompt, counted from where the picture begins; each array has one per site. */
export interface SitePlaces {
  /** The first of three coordinates where a position has them. */
  readonly at: Int32Array;
  readonly rows?: Int32Array;
  readonly columns?: Int32Array;
  /**
   * Of regions with texts between them, where each begins: those of a row's coordinates are counted from there, and the texts in
   * no place. Left out: where its first site stands.
   */
  readonly starts?: readonly number[];
  /** By how much what comes after the picture stands behind where it began. */
  readonly advance: number;
}

/** What differs between checkpoint families when a model runs; browsers load it, so nothing of the converter is in it. */
export interface RunFamily<Spec extends ModelSpec = ModelSpec> {
  /** The `family` of its specs. */
  readonly name: Spec["family"];
  /** Of its specs in `prumerge.json`. */
  readonly schema: z.ZodType<Spec>;
  /** Whether a picture is a whole and tiles, as many as its size wants: then its visual tokens have no fixed number. */
  readonly tiles: boolean;
  /** How each of several pictures of one prompt becomes squares, where that is another way than a single one's. */
  readonly severalAspect?: Aspect;
  /** How a model watches a video. Left out: it takes none, and frames are refused. */
  video?(spec: Spec): VideoDoor;
  /**
   * What a site is: a patch of the tower (default), or a row that the tower hands on, behind its projector. Rows are mixed as
   * they are, by plans alone; what methods read of the tower's layers are means over the patches that a row is made of.
   */
  readonly sitesAre?: "patches" | "rows";
  /** The sites of a picture's views. */
  sites(pixels: PixelValues, spec: Spec): Sites;
  /** What the unreduced model's prompt gets of them, after the projector; without a class token. */
  arrange(sites: Sites, pixels: PixelValues, spec: Spec): Arrangement;
  /**
   * Where sites stand where positions have three coordinates: rows then stand there unless it is asked otherwise, since the
   * model knows a picture no other way. Left out: one position after another, in the arrangement's order.
   */
  places?(sites: Sites, pixels: PixelValues, spec: Spec): SitePlaces;
  /**
   * What the prompt says around the visual tokens of each view: before the first, between every two, and after the last. It
   * is text, which stays when rows are left out. Left out: a picture is one run of rows.
   */
  around?(pixels: PixelValues, spec: Spec): readonly string[] | undefined;
  /** Texts that prompts have on either side of a picture's place, and that {@link around}'s stand for where there are those. */
  readonly beside?: readonly [before: string, after: string];
  /** What the vision graph takes of a view beside its pixels, by its inputs' names. Left out: nothing, and no mask is taken. */
  feeds?(view: View, spec: Spec): Readonly<Record<string, TowerFeed>>;
  /** How it runs by graphs that other programs exported. Left out: it does not, and folders of such graphs are refused by name. */
  readonly exported?: ExportDoor<Spec>;
}
