import type { Note } from "../../models/files/note.js";

/** Text that names the first few of many. */
export function few(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

/** What whoever converts a checkpoint should know about it: what was passed over, and where its files disagree. */
export class Notes {
  readonly #lines: string[] = [];
  /** Tensors that an index places in a file that does not hold them, by the index's name; harmless where none is needed. */
  readonly promised = new Map<string, string>();

  /** Adds one note; may be handed on by itself. */
  readonly add: Note = (note) => void this.#lines.push(note);

  /** Says that entries of one kind are passed over, naming the first few. */
  passedOver(names: readonly string[], what: string, where: string): void {
    if (names.length === 0) return;
    const count = names.length === 1 ? "one entry" : `${names.length} entries`;
    this.add(`${where}: passed over ${count} (${what}): ${few(names)}`);
  }

  /** One line each, in the order in which things were noticed. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
