import { useRef } from "preact/hooks";
import type { PictureEntry } from "../state/session-state.js";

interface Props {
  readonly pictures: readonly PictureEntry[];
  readonly currentId: string | undefined;
  onSelect(id: string): void;
  onRemove(id: string): void;
  onFile(file: File): void;
}

/** The way to a picture of one's own, and all pictures of this visit. */
export function FilmStrip({ pictures, currentId, onSelect, onRemove, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  return (
    <nav class="film" aria-label="Pictures">
      <button ref={add} type="button" class="add" onClick={() => input.current?.click()}>
        <span aria-hidden="true">+</span> Your picture
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept="image/*,.heic,.heif,video/*,.mkv"
        aria-label="Choose a picture"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) onFile(file);
          event.currentTarget.value = "";
        }}
      />
      <ul>
        {pictures.map(({ id, name, url, clip, turns, failure }) => (
          <li key={id}>
            <button type="button" class="thumb" aria-pressed={id === currentId} onClick={() => onSelect(id)}>
              {failure === undefined && !clip ? <img src={url} alt={name} /> : <span>{name}</span>}
              {turns.length > 0 && (
                <span class="badge">
                  {turns.length}
                  <span class="visually-hidden">{turns.length === 1 ? " question" : " questions"}</span>
                </span>
              )}
            </button>
            {id === currentId && (
              <button
                type="button"
                class="remove"
                aria-label={`Remove ${name}`}
                onClick={() => {
                  onRemove(id);
                  add.current?.focus(); // the pressed one is gone
                }}
              >
                <span aria-hidden="true">×</span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}
