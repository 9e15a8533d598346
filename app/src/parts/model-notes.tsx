import type { ModelInfo } from "../backend/model-backend.js";

/** Which model this is, and where it runs. */
export function ModelPlace({ model: { name, place } }: { readonly model: ModelInfo }) {
  return (
    <p class="place hint">
      <strong>{name}</strong> {place}
    </p>
  );
}

/** What the model's users should know. */
export function ModelNotes({ model: { notes } }: { readonly model: ModelInfo }) {
  return (
    <>
      {notes.map((note) => (
        <p key={note} class="model-note hint">
          {note}
        </p>
      ))}
    </>
  );
}
