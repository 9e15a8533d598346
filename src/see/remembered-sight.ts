import type { GraphReduction } from "../reduce/graph-program.js";
import type { TowerInput, VisionRun, VisionWish } from "../runtime/engine.js";
import type { SeeingEngine } from "./see-region.js";

/** Programs whose last runs are kept of one view, beside that of every patch as it is, which planned methods share. */
const keptPrograms = 2;

interface KeptRun {
  /** Of the reduction inside of the graph, and of what it is fed beside pixels. */
  readonly key: string;
  /** Whether it hands on every patch. */
  readonly whole: boolean;
  readonly wish: VisionWish;
  readonly run: Promise<VisionRun>;
}

/**
 * What the vision graph gave for a picture, kept for the next way of seeing it: methods that are planned outside of the graph
 * read the same run, and a method at other positions is the same run. A reused run says the time that it once took. It holds as
 * long as the picture's pixel values do; one memory is for one model.
 *
 * @example
 * ```ts
 * const pixels = await model.prepare("street.jpg");
 * const sight = new RememberedSight();
 * for (const reducer of reducers) show(await model.see(pixels, reducer, { sight }));
 * ```
 */
export class RememberedSight {
  /** By their pixels. */
  readonly #views = new WeakMap<Float32Array, KeptRun[]>();

  /** Masks, by what they are; they are as large as pictures. */
  readonly #masks = new WeakMap<object, number>();
  #known = 0;

  #word(data: Uint8Array | Int32Array): string {
    if (data.length <= 64) return String(data);
    const number = this.#masks.get(data) ?? ++this.#known;
    this.#masks.set(data, number);
    return `mask ${number}`;
  }

  /** The engine, but for runs that are known. */
  over(engine: SeeingEngine): SeeingEngine {
    return {
      vision: engine.vision,
      project: (tokens) => engine.project(tokens),
      see: (view, reduction, want = {}) => this.#see(engine, view, reduction, want),
    };
  }

  async #see(
    engine: SeeingEngine,
    view: TowerInput,
    reduction: GraphReduction,
    want: VisionWish,
  ): Promise<VisionRun> {
    // Not everything that a graph shows is known beforehand.
    if (want.everyLayer === true) return engine.see(view, reduction, want);
    const feeds = [
      ...Object.entries(view.feeds ?? {}).map(([name, { data }]) => `${name} ${data}`),
      ...(view.inputs ?? []).map(({ feed }) => (feed.type === "float32" ? "" : this.#word(feed.data))),
    ];
    // Frames that are seen at once begin with one that may have been seen by itself.
    const key = JSON.stringify([reduction, view.following?.length ?? "view", ...feeds]);
    const runs = this.#views.get(view.data) ?? [];
    this.#views.set(view.data, runs);
    const known = runs.find((one) => one.key === key);
    if (known !== undefined && covers(known.wish, want)) {
      const run = await known.run;
      return { ...only(run, want), remembered: true };
    }
    const wish = known === undefined ? want : both(known.wish, want);
    const run = engine.see(view, reduction, wish);
    const kept = { key, whole: reduction === "identity", wish, run };
    const all = [kept, ...runs.filter((one) => one.key !== key)];
    const programs = all.filter((one) => !one.whole).slice(0, keptPrograms);
    runs.splice(0, runs.length, ...all.filter((one) => one.whole), ...programs);
    try {
      return only(await run, want);
    } catch (error) {
      runs.splice(0, runs.length, ...runs.filter((one) => one !== kept));
      throw error;
    }
  }
}

const flags = ["mergeWeights", "patches", "classFeatures", "newline"] as const;

function covers(had: VisionWish, want: VisionWish): boolean {
  const layers = had.layers ?? [];
  return (
    flags.every((flag) => had[flag] === true || want[flag] !== true) &&
    (want.layers ?? []).every((layer) => layers.includes(layer))
  );
}

function both(a: VisionWish, b: VisionWish): VisionWish {
  const asked = flags.filter((flag) => a[flag] === true || b[flag] === true);
  return {
    ...Object.fromEntries(asked.map((flag) => [flag, true])),
    layers: [...new Set([...(a.layers ?? []), ...(b.layers ?? [])])],
  };
}

/** What was asked for, so that nobody reads what another asked for. */
function only(run: VisionRun, { layers = [], ...want }: VisionWish): VisionRun {
  const { features, keptPatches, milliseconds, lastLayer } = run;
  const earlier = Object.entries(run.layers ?? {}).filter(([layer]) => layers.includes(Number(layer)));
  return {
    ...{ features, keptPatches, milliseconds },
    ...Object.fromEntries(flags.flatMap((flag) => (want[flag] === true ? [[flag, run[flag]]] : []))),
    ...(lastLayer !== undefined && layers.includes(-1) && { lastLayer }),
    ...(earlier.length > 0 && { layers: Object.fromEntries(earlier) }),
  };
}
