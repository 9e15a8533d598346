import type { Matrix } from "../tensor/matrix.js";
import type { CacheId, ForwardRun, RowPlaces } from "./engine.js";
import type { LanguageSide } from "./sides.js";
import type { Turns } from "./turns.js";

/** Fewer rows than that take about as long as these: a run reads all weights. */
const leastRows = 8;

/** Runs over rows of prompts. */
export class Prefills {
  /** What a row takes, as far as it is known. */
  #rowMilliseconds: number | undefined;

  constructor(
    private readonly turns: Pick<Turns, "addAll" | "budget">,
    private readonly language: Pick<LanguageSide, "forward" | "cacheLength" | "truncateCache">,
  ) {}

  /** One prompt's rows in as many parts as whoever waits for a token allows; a failure in one of them leaves the cache as it was. */
  async run(
    cache: CacheId,
    rows: Matrix | readonly number[],
    places: RowPlaces,
    signal: AbortSignal | undefined,
  ): Promise<ForwardRun> {
    const language = this.language;
    const count = "data" in rows ? rows.rows : rows.length;
    let at = 0;
    let before = 0;
    let milliseconds = 0;
    const next = async () => {
      const to = Math.min(count, at + this.#rowsNow());
      const whole = at === 0 && to === count;
      if (at === 0 && !whole) before = await language.cacheLength(cache);
      const run = whole
        ? await language.forward(cache, rows, places)
        : await language.forward(cache, partOf(rows, at, to), partOfPlaces(places, at, to));
      this.#rowMilliseconds = run.milliseconds / Math.max(to - at, leastRows);
      milliseconds += run.milliseconds;
      at = to;
      return at < count ? undefined : { value: { logits: run.logits, milliseconds } };
    };
    try {
      return await this.turns.addAll(next, () => this.#likely(count - at), signal);
    } catch (error) {
      if (at > 0) await language.truncateCache(cache, before).catch(() => undefined);
      throw error;
    }
  }

  #likely(rows: number): number | undefined {
    return this.#rowMilliseconds && this.#rowMilliseconds * Math.max(rows, leastRows);
  }

  /** How many rows may run now. */
  #rowsNow(): number {
    const { budget } = this.turns;
    if (budget === undefined) return Number.POSITIVE_INFINITY;
    return this.#rowMilliseconds === undefined
      ? leastRows
      : Math.max(leastRows, Math.floor(budget / this.#rowMilliseconds));
  }
}

/** Copies: what is sent to another thread takes its whole buffer along. */
function partOf(rows: Matrix | readonly number[], from: number, to: number): Matrix | readonly number[] {
  if (!("data" in rows)) return rows.slice(from, to);
  const { columns, data } = rows;
  return { rows: to - from, columns, data: data.slice(from * columns, to * columns) };
}

function partOfPlaces({ positions, bias }: RowPlaces, from: number, to: number): RowPlaces {
  return {
    ...(positions && { positions: positions.slice(from, to) }),
    ...(bias && { bias: bias.slice(from, to) }),
  };
}
