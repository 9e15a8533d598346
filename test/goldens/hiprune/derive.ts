/** Queries and keys of a layer as they were recorded for one picture: [H, N + 1, d], the class token first. */
export interface RecordedLayer {
  readonly queries: Float32Array;
  readonly keys: Float32Array;
  readonly heads: number;
  readonly tokens: number;
}

/** Mean over heads and queries of softmax(q k^T d^-0.5), the class column dropped, worked out without the code under test. */
export function derivedAttention({ queries, keys, heads, tokens }: RecordedLayer): number[] {
  const width = keys.length / heads / tokens;
  const received = new Array<number>(tokens).fill(0);
  for (let head = 0; head < heads; head++) {
    const at = (data: Float32Array, token: number, c: number) => data[(head * tokens + token) * width + c]!;
    for (let query = 0; query < tokens; query++) {
      const powers = received.map((_, key) => {
        let sum = 0;
        for (let c = 0; c < width; c++) sum += at(queries, query, c) * at(keys, key, c);
        return Math.exp(sum / Math.sqrt(width));
      });
      const total = powers.reduce((sum, power) => sum + power, 0);
      powers.forEach((power, key) => {
        received[key]! += power / total / heads / tokens;
      });
    }
  }
  return received.slice(1);
}

/** The documented rule of `hiPrune`. */
export function derive(
  object: readonly number[],
  deep: readonly number[],
  count: number,
  anchorsWanted: number,
  { columns, last }: { readonly columns: number; readonly last: number },
): number[] {
  const clamp = (patch: number) => Math.max(0, Math.min(last, patch));
  const anchors = falling(object).slice(0, Math.min(count, anchorsWanted));
  const buffers = anchors.flatMap((patch) => [patch - 1, patch + 1, patch - columns, patch + columns]);
  const objects = [...new Set([...anchors, ...buffers].map(clamp))].slice(0, count);
  const registers = falling(deep).filter((patch) => !objects.includes(patch));
  return [...objects, ...registers].slice(0, count).sort((a, b) => a - b);
}

/** Indices of falling values, equal ones by rising index. */
function falling(values: readonly number[]): number[] {
  return [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
}
