import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { explanations, type Word } from "./explanations.js";

/**
 * A word with its explanation behind a press: reached by pointer, touch and keyboard, read out, closed by Escape or a press
 * elsewhere, and drawn above the page, so that nothing moves.
 */
export function Explained({
  word,
  children,
}: {
  readonly word: Word;
  readonly children?: ComponentChildren;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const text = useRef<HTMLSpanElement>(null);
  const place = () => {
    const from = button.current!.getBoundingClientRect();
    const { style, offsetWidth, offsetHeight } = text.current!;
    const { clientWidth, clientHeight } = document.documentElement;
    const below = from.bottom + gap + offsetHeight <= clientHeight;
    style.left = `${Math.max(gap, Math.min(from.left, clientWidth - offsetWidth - gap))}px`;
    style.top = `${below ? from.bottom + gap : Math.max(gap, from.top - gap - offsetHeight)}px`;
  };
  return (
    <span class="explained">
      <button ref={button} type="button" class="word" popovertarget={id} aria-describedby={`${id}-hint`}>
        {children ?? word}
      </button>
      <span id={`${id}-hint`} hidden>
        explained on a press
      </span>
      <span
        ref={text}
        id={id}
        class="explanation"
        popover="auto"
        role="note"
        onToggle={(event) => event.newState === "open" && place()}
      >
        {explanations[word]}
      </span>
    </span>
  );
}

/** Pixels between a word, its explanation and the window's edge. */
const gap = 8;
