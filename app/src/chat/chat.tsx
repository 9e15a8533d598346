import { useEffect, useRef } from "preact/hooks";
import type { PictureEntry } from "../state/session-state.js";
import { TurnView } from "./turn-view.js";

interface Props {
  readonly entry: PictureEntry;
  readonly unreducedTokens: number;
  readonly busy: boolean;
  onClear(): void;
}

/** What was asked about the current picture. */
export function Chat({ entry, unreducedTokens, busy, onClear }: Props) {
  const end = useRef<HTMLDivElement>(null);
  const count = entry.turns.length;
  useEffect(() => {
    if (count > 0) end.current?.scrollIntoView({ block: "nearest" });
  }, [count]);
  if (count === 0) return null;
  return (
    <>
      <ol class="turns">
        {entry.turns.map((turn) => (
          <TurnView key={turn.id} turn={turn} unreducedTokens={unreducedTokens} />
        ))}
      </ol>
      <div ref={end} class="chat-end">
        <button type="button" class="quiet" disabled={busy} onClick={onClear}>
          Forget this conversation
        </button>
      </div>
    </>
  );
}
