import { useEffect, useRef } from "preact/hooks";
import type { PictureEntry } from "../state/session-state.js";
import { TurnView } from "./turn-view.js";

interface Props {
  readonly entry: PictureEntry;
  readonly unreducedTokens: number | undefined;
  readonly busy: boolean;
  onAgain(): void;
  onClear(): void;
}

/** What was asked about the current picture, the latest question first. */
export function Chat({ entry, unreducedTokens, busy, onAgain, onClear }: Props) {
  const latest = entry.turns.at(-1);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (latest?.answers.some(({ status }) => status === "waiting")) bringUp(list.current!);
  }, [latest?.id]);
  if (latest === undefined) return null;
  const earlier = entry.turns.slice(0, -1).reverse();
  return (
    <>
      <ol ref={list} class="turns">
        <TurnView
          key={latest.id}
          turn={latest}
          unreducedTokens={unreducedTokens}
          firsts={entry.firsts}
          onAgain={busy ? undefined : onAgain}
        />
      </ol>
      {earlier.length > 0 && (
        <details class="earlier">
          <summary>
            {earlier.length === 1 ? "The question before" : `${earlier.length} questions before`}
          </summary>
          <ol class="turns">
            {earlier.map((turn) => (
              <TurnView key={turn.id} turn={turn} unreducedTokens={unreducedTokens} />
            ))}
          </ol>
        </details>
      )}
      <button type="button" class="quiet forget" disabled={busy} onClick={onClear}>
        Forget this conversation
      </button>
    </>
  );
}

/** Where there is no room beside the picture, what is answered would come below the window's edge. */
function bringUp(element: HTMLElement): void {
  if (element.getBoundingClientRect().top > window.innerHeight * 0.6)
    element.scrollIntoView({ block: "start" });
}
