import type { ComponentChildren } from "preact";
import { reduces } from "../backend/model-backend.js";
import { KeyForm } from "../parts/key-form.js";
import type { Whole } from "../state/picture-counts.js";
import type { PictureEntry, SessionState } from "../state/session-state.js";
import { answerTitle } from "./answer-title.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { CostTable } from "./cost-table.js";

interface Props {
  readonly state: SessionState;
  readonly entry: PictureEntry | undefined;
  readonly inspection: Whole | undefined;
  /** Below the question. */
  readonly children: ComponentChildren;
  onAsk(question: string): void;
  onAgain(): void;
  onStop(): void;
  onClear(): void;
  onRetry(): void;
  onChoose(change: Partial<Pick<SessionState, "compare" | "followUp">>): void;
}

/** The question, and what came of it; before the first what the two answers will be made of. */
export function AskCard(props: Props) {
  const { state, entry, inspection, children } = props;
  const { model, busy, compare, followUp, keyNeeded, failure } = state;
  // Of models that see tiles, or any size, each picture has a number of its own.
  const unreducedTokens = inspection?.statistics.unreducedTokens ?? model?.unreducedTokens;
  return (
    <section class="chat" aria-label="Questions and answers">
      <div class="card question">
        <h2>Ask about the picture</h2>
        {keyNeeded === true ? (
          <KeyForm failure={failure} onRetry={props.onRetry} />
        ) : (
          <Composer
            entry={entry}
            ready={model !== undefined && entry !== undefined && entry.failure === undefined}
            busy={busy}
            compare={compare}
            followUp={followUp}
            unreducedTokens={unreducedTokens}
            onAsk={props.onAsk}
            onStop={props.onStop}
            onChoose={props.onChoose}
          />
        )}
        {children}
      </div>
      <div class="card talk">
        {entry !== undefined && entry.turns.length > 0 ? (
          <Chat
            entry={entry}
            unreducedTokens={unreducedTokens}
            busy={busy}
            onAgain={props.onAgain}
            onClear={props.onClear}
          />
        ) : (
          inspection !== undefined && <Outlook state={state} inspection={inspection} />
        )}
      </div>
    </section>
  );
}

/** What the answers to a first question will be made of. */
function Outlook({ state, inspection }: { readonly state: SessionState; readonly inspection: Whole }) {
  const { reduction, compare } = state;
  const { visualTokens, unreducedTokens, keyValueBytes, unreducedKeyValueBytes } = inspection.statistics;
  const both = reduces(reduction) && compare;
  const reduced = {
    title: reduces(reduction) ? `${reduction.method}, ${visualTokens} tokens` : `All ${visualTokens} tokens`,
    reduced: reduces(reduction),
    visualTokens,
    keyValueBytes,
  };
  const whole = {
    title: answerTitle({ reduction: undefined }, unreducedTokens),
    reduced: false,
    visualTokens: unreducedTokens,
    keyValueBytes: unreducedKeyValueBytes,
  };
  return (
    <div class="outlook">
      <p class="hint">
        {both
          ? "A question is answered twice: from the tokens that are kept, and from all of them. Their times will stand here."
          : "The answer and its times will stand here."}
      </p>
      <CostTable caption="What the answers will be made of" costs={both ? [reduced, whole] : [reduced]} />
    </div>
  );
}
