import type { ComponentChildren } from "preact";
import { type Inspection, percent } from "prumerge/drawing";
import { LayerPicker } from "../controls/layer-picker.js";
import { TokenSlider } from "../controls/token-slider.js";
import type { BudgetChoice } from "../controls/use-budget.js";
import { describeFocus } from "../stage/describe-focus.js";
import { Legend } from "../stage/legend.js";
import { type StageLayer, StageView } from "../stage/stage-view.js";
import type { Pointing } from "../state/focus.js";
import type { Whole } from "../state/picture-counts.js";
import type { PictureEntry } from "../state/session-state.js";
import { Explained } from "../words/explained.js";

interface Props {
  readonly entry: PictureEntry | undefined;
  readonly inspection: Inspection | undefined;
  /** What is counted: the picture, or all frames of a video. */
  readonly whole: Whole | undefined;
  /** The frames of a video. */
  readonly strip: ComponentChildren;
  /** What is to be known of a video, a line each. */
  readonly notes: readonly string[];
  /** Why the picture could not be read. */
  readonly failure: string | undefined;
  /** Why nothing is drawn over it. */
  readonly note: string | undefined;
  readonly layer: StageLayer;
  readonly pointing: Pointing;
  readonly choice: BudgetChoice;
  /** In the picture's place while there is no model. */
  readonly children: ComponentChildren;
  onLayer(layer: StageLayer): void;
  onAgain(): void;
}

/** The picture, what is drawn over it, and below it what that means or what is pointed at. */
export function PictureCard(props: Props) {
  const {
    entry,
    inspection,
    whole,
    strip,
    notes,
    failure,
    note,
    layer,
    pointing,
    choice,
    children,
    onLayer,
    onAgain,
  } = props;
  return (
    <section class="card picture" aria-label="Picture">
      <div class="seen">
        <LayerPicker layer={layer} onChange={onLayer} />
        <div class="frame">
          {inspection !== undefined && entry !== undefined ? (
            <StageView inspection={inspection} url={entry.url} layer={layer} pointing={pointing} />
          ) : (
            <div
              class="waiting"
              aria-busy={entry !== undefined && failure === undefined && note === undefined}
            >
              {entry !== undefined && failure === undefined && !entry.clip && (
                <img src={entry.url} alt={entry.name} />
              )}
              {children ||
                (entry === undefined && <p class="hint">Drop, paste or choose a picture or a video.</p>)}
              {failure !== undefined && (
                <div class="notice failure" role="alert">
                  <p>{failure}</p>
                  <button type="button" onClick={onAgain}>
                    Try again
                  </button>
                </div>
              )}
            </div>
          )}
        </div>
        <div class="caption">
          {note !== undefined && <p>{note}</p>}
          {inspection !== undefined &&
            (pointing.focus === undefined ? (
              <Legend inspection={inspection} layer={layer} />
            ) : (
              <p>{describeFocus(inspection, pointing.focus)}</p>
            ))}
        </div>
        {strip}
        {notes.map((each) => (
          <p key={each} class="hint">
            {each}
          </p>
        ))}
        <div class="amount">
          {whole !== undefined && <Saving whole={whole} />}
          {choice.counted !== undefined && <TokenSlider choice={choice} budget={choice.counted} />}
        </div>
      </div>
    </section>
  );
}

/** How much less the language model reads, in a line. */
function Saving({ whole: { statistics } }: { readonly whole: Whole }) {
  const { visualTokens, unreducedTokens } = statistics;
  return (
    <p class="saving">
      <strong data-testid="token-count">{visualTokens}</strong> of {unreducedTokens}{" "}
      <Explained word="visual token">visual tokens</Explained>, {percent(visualTokens / unreducedTokens)}
    </p>
  );
}
