import { bytes } from "prumerge/drawing";
import { duration } from "../parts/duration.js";
import { Explained } from "../words/explained.js";
import type { Word } from "../words/explanations.js";

/** What one of the two answers takes; undefined where it is not known, or not comparable. */
export interface Cost {
  readonly title: string;
  readonly reduced: boolean;
  readonly visualTokens?: number | undefined;
  readonly promptTokens?: number | undefined;
  /** Milliseconds to the first word where the language model had to read the picture. */
  readonly firstWord?: number | undefined;
  /** To the first word where it had the picture in its cache. */
  readonly laterWord?: number | undefined;
  readonly total?: number | undefined;
  readonly keyValueBytes?: number | undefined;
}

interface Row {
  readonly name: string;
  readonly word?: Word;
  readonly of: (cost: Cost) => number | undefined;
  readonly format: (value: number) => string;
}

const rows: readonly Row[] = [
  { name: "Visual tokens", word: "visual token", of: (cost) => cost.visualTokens, format: String },
  { name: "Prompt tokens", word: "prompt", of: (cost) => cost.promptTokens, format: String },
  { name: "First word", word: "first word", of: (cost) => cost.firstWord, format: duration },
  { name: "First word, picture kept", of: (cost) => cost.laterWord, format: duration },
  { name: "Whole answer", of: (cost) => cost.total, format: duration },
  { name: "Key/value cache", word: "cache", of: (cost) => cost.keyValueBytes, format: bytes },
];

/** What the answers take, beside each other; what is known of none is left out. */
export function CostTable({ costs, caption }: { readonly costs: readonly Cost[]; readonly caption: string }) {
  const known = rows.filter(({ of }) => costs.some((cost) => of(cost) !== undefined));
  return (
    <table class="costs">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <td />
          {costs.map(({ title, reduced }) => (
            <th key={title} scope="col" class={reduced ? "reduced" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {known.map(({ name, word, of, format }) => {
          const most = Math.max(...costs.map((cost) => of(cost) ?? 0), 1e-9);
          return (
            <tr key={name}>
              <th scope="row">{word === undefined ? name : <Explained word={word}>{name}</Explained>}</th>
              {costs.map((cost) => {
                const value = of(cost);
                return (
                  <td key={cost.title} class={cost.reduced ? "reduced" : undefined}>
                    <span class="number">{value === undefined ? "–" : format(value)}</span>
                    <span class="track" aria-hidden="true">
                      <span style={{ width: `${(100 * (value ?? 0)) / most}%` }} />
                    </span>
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
