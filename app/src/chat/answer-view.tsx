import { type Reduction, reduces } from "../backend/model-backend.js";
import { positionNotes } from "../parts/position-words.js";
import type { AnswerState } from "../state/session-state.js";
import { answerTitle } from "./answer-title.js";

interface Props {
  readonly answer: AnswerState;
  readonly unreducedTokens: number | undefined;
  /** Asks once more; left out where that is no use. */
  readonly onAgain?: (() => void) | undefined;
}

/** One of the answers to a question. */
export function AnswerView({ answer, unreducedTokens, onAgain }: Props) {
  const { reduction, status, text, failure } = answer;
  const reduced = reduces(reduction);
  const title = answerTitle(answer, unreducedTokens);
  const coming = status === "waiting" || status === "streaming";
  return (
    <section class={reduced ? "answer reduced" : "answer"} data-status={status} aria-label={title}>
      <h4>{title}</h4>
      {status === "failed" ? (
        <div class="failure" role="alert">
          <p>{failure}</p>
          {onAgain !== undefined && (
            <button type="button" onClick={onAgain}>
              Ask again
            </button>
          )}
        </div>
      ) : (
        <p class="text" aria-live="polite" aria-busy={coming}>
          {text}
          {coming && <span class="caret" aria-hidden="true" />}
          {status === "stopped" && <em> stopped</em>}
          {status === "done" && text === "" && <em>no words</em>}
        </p>
      )}
      {reduced && <PlaceNote reduction={reduction} numbers={answer.numbers} />}
    </section>
  );
}

/** Where the tokens stood that the answer is of. */
function PlaceNote({
  reduction,
  numbers,
}: {
  readonly reduction: Reduction;
  readonly numbers: AnswerState["numbers"] | undefined;
}) {
  const where = positionNotes[reduction.positions];
  if (numbers === undefined || where === "") return null;
  const { missingPositions: missing } = numbers;
  return (
    <p class="hint place-note">
      {where}
      {missing !== undefined && `, drawn together by ${missing} positions that the context has not`}
    </p>
  );
}
