/** Scores of one head that one run may hold: 4 MiB of float32 per head. */
const mostScores = 1024 * 1024;

/**
 * Cuts rows that follow `past` earlier ones into runs, so that the attention scores of a long prompt do not fill the
 * memory: they take heads x rows x (past + rows).
 *
 * @returns row counts that add up to `rows`
 */
export function prefillChunks(rows: number, past: number): number[] {
  const chunks: number[] = [];
  for (let done = 0; done < rows; ) {
    const before = past + done;
    // Largest r with r (before + r) <= mostScores.
    const fitting = Math.floor((Math.sqrt(before * before + 4 * mostScores) - before) / 2);
    const chunk = Math.min(Math.max(fitting, 1), rows - done);
    chunks.push(chunk);
    done += chunk;
  }
  return chunks;
}
