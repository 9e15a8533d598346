import { useRef } from "preact/hooks";
import type { PictureEntry } from "../state/session-state.js";

interface Props {
  readonly pictures: readonly PictureEntry[];
  readonly currentId: string | undefined;
  onSelect(id: string): void;
  onFile(file: File): void;
}

/** All pictures of this visit, and the way to a new one. */
export function FilmStrip({ pictures, currentId, onSelect, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <nav class="film" aria-label="Pictures">
      {pictures.map(({ id, name, url, turns }) => (
        <button key={id} type="button" aria-pressed={id === currentId} onClick={() => onSelect(id)}>
          <img src={url} alt={name} />
          {turns.length > 0 && <span class="badge">{turns.length}</span>}
        </button>
      ))}
      <button type="button" class="add" onClick={() => input.current?.click()}>
        <span aria-hidden="true">+</span> Your picture
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
        aria-label="Choose a picture"
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file !== undefined) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </nav>
  );
}
