import type { JournalRecord } from "../run/run-folder.js";
import type { TaskPicture } from "../task.js";
import type { Column } from "./column.js";
import { pictureComplexity, rankCorrelation } from "./complexity.js";
import type { KeptTokens } from "./report-data.js";

/** Pictures that are measured at most, evenly chosen. */
const mostMeasured = 400;

/** A column's records with the pictures they are about. */
export interface Seen {
  readonly column: Column;
  readonly records: Iterable<JournalRecord>;
}

/**
 * The distribution of visual tokens of the columns whose method chooses their number by itself.
 *
 * @param pictures by the picture's sha256
 */
export async function keptTokens(
  seen: readonly Seen[],
  pictures: ReadonlyMap<string, TaskPicture>,
): Promise<readonly KeptTokens[]> {
  const adaptive = seen.filter(
    ({ column: { configuration, exact } }) => configuration.budget.kind !== "all" && exact === undefined,
  );
  const complexities = adaptive.length === 0 ? new Map<string, number>() : await measure(pictures);
  return adaptive.map(({ column, records }) => {
    const tokens = new Map<string, number>();
    for (const one of records)
      if (one.kind === "answer" && one.picture !== null) tokens.set(one.picture.sha256, one.visualTokens);
    const measured = [...tokens].flatMap(([sha256, count]) => {
      const complexity = complexities.get(sha256);
      return complexity === undefined ? [] : [{ complexity, tokens: count }];
    });
    return {
      column,
      counts: [...tokens.values()],
      measured,
      correlation: rankCorrelation(
        measured.map((one) => one.complexity),
        measured.map((one) => one.tokens),
      ),
    };
  });
}

async function measure(pictures: ReadonlyMap<string, TaskPicture>): Promise<ReadonlyMap<string, number>> {
  const all = [...pictures];
  const step = Math.max(1, all.length / mostMeasured);
  const chosen = Array.from(
    { length: Math.min(all.length, mostMeasured) },
    (_, i) => all[Math.floor(i * step)],
  );
  const found = new Map<string, number>();
  for (const [sha256, picture] of chosen) found.set(sha256, await pictureComplexity(picture));
  return found;
}
