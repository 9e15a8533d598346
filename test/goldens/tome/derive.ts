import type { Matrix } from "prumerge/reduce";

/** Tokens that go together, each with what similarity is measured by, in the released order of rows. */
export type Together = readonly { readonly members: readonly number[]; readonly metric: readonly number[] }[];

/** What a step leaves out of the matching. */
export interface Apart {
  readonly classToken: boolean;
  readonly distillToken: boolean;
}

/** Every row by itself. */
export function eachAlone({ rows, columns, data }: Matrix): Together {
  return Array.from({ length: rows }, (_, token) => ({
    members: [token],
    metric: Array.from(data.subarray(token * columns, (token + 1) * columns)),
  }));
}

/**
 * A step by the documented rule, without the code under test: each source looks for the most similar target, ties to the first, a row
 * of zeros being as similar to all; `most` of the most similar pairs go together.
 */
export function derivedStep(
  tokens: Together,
  most: number,
  { classToken, distillToken }: Apart,
  every = 2,
): Together {
  const count = every === 2 ? tokens.length : Math.floor(tokens.length / every) * every;
  const all = Array.from({ length: count }, (_, at) => at);
  const isTarget = (at: number) => at % every === every - 1;
  const sources = all.filter((at) => !isTarget(at) && !(classToken && at === 0));
  const targets = all.filter((at) => isTarget(at) && !(distillToken && at === 1));
  const units = tokens.map(({ metric }) => {
    const length = Math.sqrt(metric.reduce((sum, value) => sum + value ** 2, 0)) || 1;
    return metric.map((value) => value / length);
  });
  const cosine = (a: number, b: number) =>
    units[a]!.reduce((sum, value, c) => sum + value * units[b]![c]!, 0);
  const ranked = sources
    .map((source) => {
      const target = targets.reduce((best, at) => (cosine(source, at) > cosine(source, best) ? at : best));
      return { source, target, worth: cosine(source, target) };
    })
    .sort((a, b) => b.worth - a.worth || a.source - b.source);
  const pairs = ranked.slice(0, most);
  const left = ranked.slice(most).map(({ source }) => source);
  const first = [...(classToken ? [0] : []), ...(distillToken ? [1] : [])];
  return [
    ...first.map((at) => tokens[at]!),
    ...(classToken ? left.sort((a, b) => a - b) : left).map((at) => tokens[at]!),
    ...targets.map((target) =>
      mean(
        [target, ...pairs.filter((pair) => pair.target === target).map(({ source }) => source)].map(
          (at) => tokens[at]!,
        ),
      ),
    ),
  ];
}

function mean(tokens: Together): Together[number] {
  const members = tokens.flatMap((token) => token.members);
  const metric = tokens[0]!.metric.map(
    (_, c) =>
      tokens.reduce((sum, token) => sum + token.members.length * token.metric[c]!, 0) / members.length,
  );
  return { members, metric };
}
