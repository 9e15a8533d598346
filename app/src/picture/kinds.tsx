import { composition, type Inspection, type RowKind } from "prumerge/drawing";
import { WithFence } from "../words/with-fence.js";

const meanings: Readonly<Record<RowKind, string>> = {
  outlier: "The vision tower looks at these patches unusually much, so they are kept.",
  sample: "Spread over the rest of the picture, so that no part of it goes unseen.",
  kept: "Chosen by the method.",
  global: "One more token, in which everything is summed that no other token holds.",
  class: "The vision tower's own summary of the whole picture.",
};

/** What the kinds of visual tokens are, each in a sentence: before anything is pointed at. */
export function Kinds({ inspection }: { readonly inspection: Inspection }) {
  return (
    <div class="kinds">
      <h3>Why these</h3>
      <dl>
        {composition(inspection).map(({ kind, text }) => (
          <div key={kind} class={`kind-${kind}`}>
            <dt>
              <WithFence text={text} />
            </dt>
            <dd>{meanings[kind]}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">
        Point at a patch of the picture, or at a visual token below, to see what was merged where. A click, a
        tap or Enter keeps it in view.
      </p>
    </div>
  );
}
