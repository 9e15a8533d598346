/** Text without white space at its two ends, however it comes in pieces: LLaVA strips its answers. */
export class TrimmedText {
  #begun = false;
  #held = "";

  /** The part that is certain not to be the end's white space. */
  push(text: string): string {
    const all = this.#begun ? this.#held + text : text.trimStart();
    if (all === "") return "";
    this.#begun = true;
    const shown = all.trimEnd();
    this.#held = all.slice(shown.length);
    return shown;
  }
}
