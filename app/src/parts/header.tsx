import { useEffect, useState } from "preact/hooks";
import { applyTheme, nextTheme, readTheme } from "./theme.js";

/** What this is, and the choice of colours. */
export function Header() {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return (
    <header>
      <Mark />
      <div>
        <h1>prumerge</h1>
        <p>What a model sees, in fewer tokens</p>
      </div>
      <button type="button" class="quiet" onClick={() => setTheme(nextTheme(theme))}>
        <span class="visually-hidden">Colours: </span>
        {{ auto: "Auto", light: "Light", dark: "Dark" }[theme]}
      </button>
    </header>
  );
}

/** Sixteen patches, three of them kept. */
function Mark() {
  const kept = new Map([
    [1, "first"],
    [6, "second"],
    [8, "third"],
    [15, "second"],
  ]);
  return (
    <svg class="mark" viewBox="0 0 40 40" aria-hidden="true">
      {Array.from({ length: 16 }, (_, i) => (
        <rect
          key={i}
          x={(i % 4) * 10 + 1}
          y={Math.floor(i / 4) * 10 + 1}
          width="8"
          height="8"
          rx="2"
          class={kept.get(i)}
        />
      ))}
    </svg>
  );
}
