import { runFamily } from "../families/run-registry.js";
import type { PixelValues } from "../image/index.js";
import { classTokenRows, type ModelSpec, rowWidth } from "../models/spec.js";
import { type Arrangement, plainArrangement } from "../reduce/arrangement.js";
import { joinPlans } from "../reduce/join-plans.js";
import { readsQuestion } from "../reduce/need.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Reducer } from "../reduce/reducer.js";
import { regionRooms, staysWhole } from "../reduce/region-rooms.js";
import { rowSizes } from "../reduce/row-sizes.js";
import type { Signals } from "../reduce/signals.js";
import { insideOf, type Sites } from "../reduce/sites.js";
import { isUnknownPlan, unknownPlan } from "../reduce/unknown-plan.js";
import type { Matrix } from "../tensor/matrix.js";
import { ArrangedRows, stackRows } from "./arrange-rows.js";
import { countViews } from "./count-views.js";
import { firstColumns } from "./first-columns.js";
import { withClassTokenRow } from "./graph-plan.js";
import { keyValueBytesPerToken } from "./key-value-bytes.js";
import {
  farPlace,
  notTight,
  originalPlace,
  type RowOptions,
  tightPlace,
  usualPositions,
} from "./row-place.js";
import { partRows, siteStarts } from "./row-runs.js";
import {
  keepRegion,
  reduceRegion,
  type Seeing,
  type SeeingEngine,
  type SeenRegion,
  seeEvery,
} from "./see-region.js";
import { seeTogether } from "./see-together.js";
import { noSeparators, withoutEnd } from "./separators.js";
import { layOut, pixelsAlone, towerInput } from "./tower-input.js";
import { frameRuns, viewRun } from "./tower-runs.js";
import { videoOf } from "./video-of.js";
import type { VisualTokens } from "./visual-tokens.js";
import { WorkClock } from "./work-clock.js";

/** What is asked about a picture. */
export interface AskedWords {
  readonly text: string;
  /** The language model's own embeddings of its words, [M, D]. */
  readonly words: Matrix;
}

/** What became of a picture, over all of its views. */
interface Reduction extends Arrangement {
  readonly embeddings: Matrix;
  /** Of each region, undefined for one that was not encoded; empty where none were asked for. */
  readonly signals: readonly (Signals | undefined)[];
  readonly inGraph: boolean;
}

/** A picture, and what it is seen with. */
interface Picture {
  readonly sites: Sites;
  /** What the unreduced prompt would get of it, without the class token. */
  readonly unreduced: Arrangement;
  readonly views: readonly Seeing[];
  readonly lead: number;
  /** Whether its views are frames. */
  readonly video: boolean;
}

/**
 * Encodes one picture and reduces its visual tokens, each view by itself, inside the vision graph where that can do it.
 *
 * @param reducer only named in the statistics where the engine has a reduction baked in
 * @param asked for reducers that read the question, and for signals that hold its relevance
 */
export async function seePixels(
  engine: SeeingEngine,
  spec: ModelSpec,
  pixels: PixelValues,
  reducer: Reducer,
  wantSignals: boolean,
  { positions = usualPositions(spec), bias = true }: RowOptions = {},
  asked?: AskedWords,
): Promise<VisualTokens> {
  const family = runFamily(spec);
  const video = videoOf(family, pixels, spec);
  const sites = family.sites(pixels, spec);
  const ours = engine.vision.kind === "reduces";
  const arranged = family.arrange(sites, pixels, spec);
  const unreduced = ours ? arranged : withoutEnd(arranged);
  const clock = new WorkClock();
  const shown = sites.regions.map((_, at) => pixels.views[at]!);
  const inputs = shown.map((view) => (ours ? towerInput(family, view, spec) : pixelsAlone(family, view)));
  const tower = video?.tower?.vision ?? spec.vision;
  const runs =
    video?.tower === undefined
      ? inputs.map((input, at) =>
          viewRun(engine, input, clock, ours ? undefined : layOut(family, shown[at]!, spec)),
        )
      : frameRuns(engine, inputs, video.tower.together, clock);
  // The class tokens of frames are the arrangement's, which a reduction leaves out.
  const lead = video?.tower === undefined ? classTokenRows(spec) : 0;
  const views = sites.regions.map((region, at): Seeing => {
    return {
      ...{ engine, run: runs[at]!, tower, region, clock, kept: lead },
      mixed: family.sitesAre === "rows" || !ours,
      width: rowWidth(spec.language),
      planned: video?.tower !== undefined,
      lead: video?.tower !== undefined && tower.classToken ? 1 : lead,
      newline: unreduced.closed === true,
      ...(asked && { words: firstColumns(asked.words, spec.language.hiddenSize) }),
    };
  });
  const { embeddings, plan, origin, signals, inGraph } =
    engine.vision.kind === "baked"
      ? await runBaked(views[0]!)
      : await see({ sites, unreduced, views, lead, video: video !== undefined }, reducer, wantSignals);
  const bytes = keyValueBytesPerToken(spec.language, engine.cacheForm);
  // What is unreduced with separators or class tokens between its patches stands where it would anyway.
  const unmoved = plan === unreduced.plan && (origin.includes(-1) || plan.keptPatches.includes(-1));
  const moved = positions !== "contiguous" && !unmoved ? positions : undefined;
  const places = family.places?.(sites, pixels, spec);
  const unreducedTokens = arranged.origin.length + lead;
  const ofSites = () => originalPlace({ plan, origin }, sites, unreduced, lead, places);
  const place =
    moved &&
    {
      original: ofSites,
      tight: () => tightPlace(ofSites()),
      far: () => farPlace(embeddings.rows, unreducedTokens),
    }[moved]();
  const carried = {
    ...(place && { place }),
    ...(bias && reducer.rowBias !== undefined && { bias: biasOf(plan, origin) }),
  };
  const texts = family.around?.(pixels, spec);
  if (texts !== undefined && moved === "tight") throw notTight();
  const starts = moved === "original" ? (places?.starts ?? siteStarts(sites)) : undefined;
  return {
    embeddings,
    plan,
    sites,
    origin,
    ...carried,
    ...(asked !== undefined && readsQuestion(reducer) && { question: asked.text }),
    ...(texts !== undefined && {
      parted: {
        ...partRows({ embeddings, ...carried }, plan, sites, texts, starts),
        ...(family.beside && { beside: family.beside }),
      },
    }),
    statistics: {
      method: reducer.method,
      budget: reducer.budget,
      options: reducer.options,
      ...(moved && { positions: moved }),
      unreducedTokens,
      visualTokens: embeddings.rows,
      ...(!isUnknownPlan(plan) && { views: countViews(plan, sites) }),
      inGraph,
      encodeMilliseconds: clock.worked,
      waitMilliseconds: clock.waited,
      keyValueBytes: embeddings.rows * bytes,
      unreducedKeyValueBytes: unreducedTokens * bytes,
    },
    ...(signals.some((one) => one !== undefined) && { signals }),
  };
}

/** The logarithm of what each row stands for; a separator stands for itself. */
function biasOf(plan: MergePlan, origin: Int32Array): Float32Array {
  const sizes = rowSizes(plan);
  return Float32Array.from(origin, (row) => (row < 0 ? 0 : Math.log(sizes[row]!)));
}

async function see(picture: Picture, reducer: Reducer, wantSignals: boolean): Promise<Reduction> {
  const { lead, sites } = picture;
  const all = { exact: true, count: sites.count };
  const keepsAll = reducer.inGraph?.(sites.count, all) === "identity";
  const across = reducer.acrossFrames === true && picture.video;
  const reduction = keepsAll
    ? await seeUnreduced(picture, wantSignals)
    : await (across ? reduceTogether : reduceViews)(picture, reducer, wantSignals);
  if (lead === 0 || reducer.keepsClassToken === true) return reduction;
  return { ...reduction, ...plainArrangement(withClassTokenRow(reduction.plan)) };
}

/** Every view as it is, put in the order of the unreduced prompt with its separators. */
async function seeUnreduced(
  { sites, unreduced, views, lead }: Picture,
  wantSignals: boolean,
): Promise<Reduction> {
  const newline = unreduced.origin.includes(-1);
  if (newline && views[0]!.engine.vision.kind !== "reduces") throw noSeparators();
  // A picture's class token has one view, whose rows are the prompt's.
  const rows = new ArrangedRows(unreduced, sites, newline);
  const seen: Pick<SeenRegion, "signals" | "inGraph">[] = [];
  let first: { readonly embeddings?: Matrix; readonly newline: SeenRegion["newline"] } | undefined;
  for (const [at, view] of views.entries()) {
    if (isEmpty(view) && !wantSignals) continue; // what shows nothing need not be encoded
    const { embeddings, newline: separator, ...run } = await seeEvery({ ...view, newline }, wantSignals);
    if (lead === 0) rows.add(at, { embeddings, lead: view.lead });
    first ??= { ...(lead > 0 && { embeddings }), newline: separator };
    seen.push(run);
  }
  return {
    ...unreduced,
    embeddings: first!.embeddings ?? rows.end(first!.newline),
    signals: wantSignals ? seen.map(({ signals }) => signals) : [],
    inGraph: seen.every(({ inGraph }) => inGraph),
  };
}

async function reduceViews(
  { sites, unreduced, views, lead }: Picture,
  reducer: Reducer,
  wantSignals: boolean,
): Promise<Reduction> {
  const closing = unreduced.closed === true ? 1 : 0;
  const rooms = regionRooms(reducer, sites, (reducer.keepsClassToken === true ? 0 : lead) + closing);
  const seen = [];
  for (const [at, view] of views.entries()) {
    const room = rooms[at];
    if (room === undefined) seen.push(undefined);
    else if (staysWhole(view.region, room, views.length)) seen.push(await keepRegion(view, wantSignals));
    else seen.push(await reduceRegion(view, reducer, room, wantSignals));
  }
  const there = seen.filter((one) => one !== undefined);
  const plan = joinPlans(
    sites,
    seen.map((one) => one?.plan),
  );
  const rows = there.map(({ embeddings }) => embeddings);
  const end = there.slice(0, closing).map(({ newline }) => rowOf(newline!));
  const { origin } = plainArrangement(plan);
  return {
    embeddings: stackRows([...rows, ...end]),
    plan,
    origin: Int32Array.of(...origin, ...end.map(() => -1)),
    signals: wantSignals ? seen.map((one) => one?.signals) : [],
    inGraph: there.every(({ inGraph }) => inGraph),
  };
}

async function reduceTogether(
  { sites, unreduced, views, lead }: Picture,
  reducer: Reducer,
  wantSignals: boolean,
): Promise<Reduction> {
  const closing = unreduced.closed === true ? 1 : 0;
  const seen = await seeTogether(sites, views, reducer, lead + closing, wantSignals);
  const end = closing === 1 ? [rowOf(seen.newline!)] : [];
  const { origin } = plainArrangement(seen.plan);
  return {
    ...seen,
    embeddings: stackRows([seen.embeddings, ...end]),
    origin: Int32Array.of(...origin, ...end.map(() => -1)),
    inGraph: false,
  };
}

async function runBaked({ run, region }: Seeing): Promise<Reduction> {
  const { features } = await run(1, "identity", {});
  const plan = unknownPlan(features.rows, region.rows * region.columns);
  return { embeddings: features, ...plainArrangement(plan), signals: [], inGraph: true };
}

function rowOf(data: Float32Array): Matrix {
  return { rows: 1, columns: data.length, data };
}

function isEmpty({ region }: Seeing): boolean {
  const { rows, columns } = insideOf(region);
  return rows * columns === 0;
}
