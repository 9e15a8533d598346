import type { FirstFigures } from "../state/first-figures.js";
import type { Turn } from "../state/session-state.js";
import { AnswerView } from "./answer-view.js";
import { CostTable } from "./cost-table.js";
import { costNote, turnCosts } from "./turn-costs.js";

interface Props {
  readonly turn: Turn;
  readonly unreducedTokens: number | undefined;
  /** Of the picture; left out where the answers alone are of interest. */
  readonly firsts?: FirstFigures;
  readonly onAgain?: (() => void) | undefined;
}

/** A question with its answers beside each other, and what they cost. */
export function TurnView({ turn, unreducedTokens, firsts, onAgain }: Props) {
  const note = firsts && costNote(turn, firsts);
  const [{ failure } = { failure: undefined }] = turn.answers;
  const shared = failure !== undefined && turn.answers.every((answer) => answer.failure === failure);
  return (
    <li class="turn">
      <h3>{turn.question}</h3>
      <div class="answers">
        {(shared ? turn.answers.slice(0, 1) : turn.answers).map((answer, at) => (
          <AnswerView key={at} answer={answer} unreducedTokens={unreducedTokens} onAgain={onAgain} />
        ))}
      </div>
      {firsts !== undefined && note !== undefined && (
        <>
          <CostTable caption="What the answers took" costs={turnCosts(turn, firsts, unreducedTokens)} />
          <p class="hint cost-note">{note}</p>
        </>
      )}
    </li>
  );
}
