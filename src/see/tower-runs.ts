import type { GraphReduction } from "../reduce/graph-program.js";
import type { LastLayer } from "../reduce/signals.js";
import type { Engine, TowerInput, VisionRun, VisionWish } from "../runtime/engine.js";
import type { Matrix } from "../tensor/matrix.js";
import { smallerView } from "./smaller-view.js";
import type { WorkClock } from "./work-clock.js";

/**
 * Runs the tower on one view and times that.
 *
 * @param share of its pixels that the tower is to see, above 0, at most 1
 */
export type TowerRun = (share: number, reduction: GraphReduction, want: VisionWish) => Promise<VisionRun>;

type Tower = Pick<Engine, "see">;

/**
 * The run of a view that is seen by itself.
 *
 * @param layOut makes of the pixels what the graph takes; default: it takes them so
 */
export function viewRun(
  engine: Tower,
  view: TowerInput,
  clock: WorkClock,
  layOut: (view: TowerInput) => TowerInput = (laid) => laid,
): TowerRun {
  return (share, reduction, want) => clock.during(engine.see(layOut(shrunk(view, share)), reduction, want));
}

/**
 * The runs of a video's frames, each a part of one that several share.
 *
 * @param together how many frames the tower sees at once; divides their number
 */
export function frameRuns(
  engine: Tower,
  frames: readonly TowerInput[],
  together: number,
  clock: WorkClock,
): TowerRun[] {
  const latest = new Map<TowerInput, { readonly asked: string; readonly run: Promise<VisionRun> }>();
  return frames.map((_, frame): TowerRun => {
    const first = frame - (frame % together);
    const group = frames.slice(first, first + together);
    return async (share, reduction, want) =>
      partOf(await shared(group[0]!, group, share, reduction, want), frame - first, together);
  });

  // Frames ask one after another, each for the same.
  function shared(
    key: TowerInput,
    group: readonly TowerInput[],
    share: number,
    reduction: GraphReduction,
    want: VisionWish,
  ): Promise<VisionRun> {
    const asked = JSON.stringify([share, reduction, want]);
    const known = latest.get(key);
    if (known?.asked === asked) return known.run;
    const [first, ...others] = group.map((view) => shrunk(view, share)) as [TowerInput, ...TowerInput[]];
    const view = { ...first, following: others.map(({ data }) => data) };
    const run = clock.during(engine.see(view, reduction, want));
    latest.set(key, { asked, run });
    return run;
  }
}

function shrunk(view: TowerInput, share: number): TowerInput {
  return share < 1 ? smallerView(view, share) : view;
}

/** What one frame of several has of a run: of every matrix as many rows as each other. */
function partOf(run: VisionRun, at: number, of: number): VisionRun {
  if (of === 1) return run;
  const { features, patches, lastLayer, layers, classFeatures, milliseconds } = run;
  const own = rowsOf(features, at, of);
  return {
    features: own,
    keptPatches: Int32Array.from({ length: own.rows }, (_, row) => row),
    ...(patches !== undefined && { patches: rowsOf(patches, at, of) }),
    ...(lastLayer !== undefined && { lastLayer: lastLayerOf(lastLayer, at, of) }),
    ...(layers !== undefined && {
      layers: Object.fromEntries(
        Object.entries(layers).map(([layer, { keys, queries }]) => [
          layer,
          { keys: rowsOf(keys, at, of), queries: rowsOf(queries, at, of) },
        ]),
      ),
    }),
    ...(classFeatures !== undefined && { classFeatures: rowsOf(classFeatures, at, of) }),
    milliseconds: milliseconds / of,
  };
}

function lastLayerOf({ keys, queries, classAttention }: LastLayer, at: number, of: number): LastLayer {
  const patches = (classAttention?.length ?? 0) / of;
  return {
    keys: rowsOf(keys, at, of),
    queries: rowsOf(queries, at, of),
    ...(classAttention !== undefined && {
      classAttention: classAttention.subarray(at * patches, (at + 1) * patches),
    }),
  };
}

function rowsOf({ rows, columns, data }: Matrix, at: number, of: number): Matrix {
  const own = rows / of;
  return { rows: own, columns, data: data.subarray(at * own * columns, (at + 1) * own * columns) };
}
