import { useId, useState } from "preact/hooks";
import type { PictureEntry, SessionState } from "../state/session-state.js";

interface Props {
  readonly entry: PictureEntry | undefined;
  readonly ready: boolean;
  readonly busy: boolean;
  readonly compare: boolean;
  readonly followUp: boolean;
  /** Undefined while there is no model. */
  readonly unreducedTokens: number | undefined;
  onAsk(question: string): void;
  onStop(): void;
  onChoose(change: Partial<Pick<SessionState, "compare" | "followUp">>): void;
}

const mostSuggested = 3;

/** About any picture. */
const general = ["Describe the image.", "What is in this picture?", "What word is written in the image?"];

/** Where questions are written. */
export function Composer(props: Props) {
  const { entry, ready, busy, compare, followUp, unreducedTokens, onAsk, onStop, onChoose } = props;
  const [text, setText] = useState("");
  const field = useId();
  const ask = (question: string) => {
    const trimmed = question.trim();
    if (trimmed === "" || busy || !ready) return;
    onAsk(trimmed);
    setText("");
  };
  const asked = new Set(entry?.turns.map(({ question }) => question));
  const questions = entry === undefined || entry.questions.length > 0 ? (entry?.questions ?? []) : general;
  const suggested = questions.filter((question) => !asked.has(question) && !question.includes("\n"));
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask(text);
      }}
    >
      <label for={field} class="visually-hidden">
        Question about the picture
      </label>
      <div class="entry">
        <input
          id={field}
          type="text"
          value={text}
          autocomplete="off"
          placeholder={suggested[0] ?? "What is in the picture?"}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {busy ? (
          <button type="button" class="primary" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" class="primary" disabled={!ready || text.trim() === ""}>
            Ask
          </button>
        )}
      </div>
      <ul class="suggestions" aria-label="Questions to try">
        {suggested.slice(0, mostSuggested).map((question) => (
          <li key={question}>
            <button type="button" disabled={busy || !ready} onClick={() => ask(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
      <div class="choices">
        <label>
          <input
            type="checkbox"
            checked={compare}
            onChange={(event) => onChoose({ compare: event.currentTarget.checked })}
          />
          Side by side with all {unreducedTokens ?? "visual"} tokens
        </label>
        <label>
          <input
            type="checkbox"
            checked={followUp}
            onChange={(event) => onChoose({ followUp: event.currentTarget.checked })}
          />
          Send the conversation along
        </label>
      </div>
    </form>
  );
}
