import { useId, useState } from "preact/hooks";
import { keepKey } from "../backend/http-client.js";

/** Where the key is written that a server wants. */
export function KeyForm({ failure, onRetry }: { readonly failure: string | undefined; onRetry(): void }) {
  const [key, setKey] = useState("");
  const ids = { field: useId(), hint: useId() };
  return (
    <form
      class="notice"
      onSubmit={(event) => {
        event.preventDefault();
        keepKey(key.trim());
        onRetry();
      }}
    >
      <label for={ids.field}>{failure}</label>
      <div class="entry">
        <input
          id={ids.field}
          type="password"
          autocomplete="current-password"
          aria-describedby={ids.hint}
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={key.trim() === ""}>
          Open
        </button>
      </div>
      <p id={ids.hint} class="hint">
        Whoever runs the server has it: a line of the file that it was started with (--api-key-file). It is
        kept until this tab is closed.
      </p>
    </form>
  );
}
