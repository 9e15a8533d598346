import { bytes, type Inspection, percent } from "prumerge/drawing";

/** What the reduction saves, in three numbers. */
export function Summary({ inspection }: { readonly inspection: Inspection }) {
  const {
    visualTokens,
    unreducedTokens,
    keyValueBytes = 0,
    unreducedKeyValueBytes = 0,
  } = inspection.statistics;
  const share = visualTokens / unreducedTokens;
  return (
    <div class="summary">
      <p class="figure">
        <strong data-testid="token-count">{visualTokens}</strong>
        <span>
          of {unreducedTokens} visual tokens
          <br />
          {percent(share)} of what the language model would read
        </span>
      </p>
      <div class="share" aria-hidden="true">
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </div>
      <p class="hint">
        Key/value cache of the picture: {bytes(keyValueBytes)} instead of {bytes(unreducedKeyValueBytes)}
      </p>
    </div>
  );
}
