import { bytes } from "prumerge/drawing";
import { type Budget, formatBudget } from "prumerge/reduce";
import { type Reduction, reduces } from "../backend/model-backend.js";
import { duration } from "../parts/duration.js";
import { positionNotes } from "../parts/position-words.js";
import type { AnswerState, Turn } from "../state/session-state.js";

/** A question with its answers side by side. */
export function TurnView({
  turn,
  unreducedTokens,
}: {
  readonly turn: Turn;
  readonly unreducedTokens: number;
}) {
  return (
    <li class="turn">
      <h3>{turn.question}</h3>
      <div class="answers">
        {turn.answers.map((answer, at) => (
          <AnswerView
            key={at}
            answer={answer}
            other={turn.answers[1 - at]}
            unreducedTokens={unreducedTokens}
          />
        ))}
      </div>
    </li>
  );
}

interface AnswerProps {
  readonly answer: AnswerState;
  readonly other: AnswerState | undefined;
  readonly unreducedTokens: number;
}

function AnswerView({ answer, other, unreducedTokens }: AnswerProps) {
  const { reduction, status, text, failure } = answer;
  const reduced = reduces(reduction);
  return (
    <section
      class={reduced ? "answer reduced" : "answer"}
      data-status={status}
      aria-label={titleOf(answer, unreducedTokens)}
    >
      <h4>{titleOf(answer, unreducedTokens)}</h4>
      {status === "failed" ? (
        <p class="failure" role="alert">
          {failure}
        </p>
      ) : (
        <p class="text" aria-live="polite" aria-busy={status === "waiting" || status === "streaming"}>
          {text}
          {(status === "waiting" || status === "streaming") && <span class="caret" aria-hidden="true" />}
          {status === "stopped" && <em> stopped</em>}
          {status === "done" && text === "" && <em>no words</em>}
        </p>
      )}
      <Numbers answer={answer} other={other} />
      {reduced && <PlaceNote reduction={reduction} numbers={answer.numbers} />}
    </section>
  );
}

function titleOf({ reduction, numbers }: AnswerState, unreducedTokens: number): string {
  if (!reduces(reduction)) return `All ${unreducedTokens} tokens`;
  const { method, budget } = reduction;
  if (numbers !== undefined) return `${method}, ${numbers.visualTokens} tokens`;
  return budget.kind === "rule" ? method : `${method}, ${boundWords(budget)} tokens`;
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

/** `64`, `25%`, `at most 64`. */
function boundWords(budget: Budget): string {
  return budget.kind === "cap" ? `at most ${budget.rows}` : formatBudget(budget);
}

function Numbers({ answer: { numbers }, other }: Pick<AnswerProps, "answer" | "other">) {
  if (numbers === undefined) return null;
  const rows = [
    ["First word", numbers.firstToken, other?.numbers?.firstToken, duration],
    ["Whole answer", numbers.total, other?.numbers?.total, duration],
    ["Prompt tokens", numbers.promptTokens, other?.numbers?.promptTokens, String],
    ["Key/value cache", numbers.keyValueBytes, other?.numbers?.keyValueBytes, bytes],
  ] as const;
  return (
    <div class="numbers">
      <dl>
        {rows.map(([name, value, against, format]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span class="number">{format(value)}</span>
              <span class="track" aria-hidden="true">
                <span style={{ width: `${(100 * value) / Math.max(value, against ?? value, 1e-9)}%` }} />
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {numbers.reusedTokens > 0 && (
        <p class="hint">{numbers.reusedTokens} prompt tokens were kept from an earlier question</p>
      )}
    </div>
  );
}
