import type { ModelInfo } from "../backend/model-backend.js";

/** Which model this is, where it runs, and what its users should know. */
export function ModelNotes({ model: { name, place, notes } }: { readonly model: ModelInfo }) {
  return (
    <div class="about hint">
      <p class="place">
        <strong>{name}</strong> {place}
      </p>
      {notes.map((note) => (
        <p key={note} class="model-note">
          {note}
        </p>
      ))}
    </div>
  );
}
