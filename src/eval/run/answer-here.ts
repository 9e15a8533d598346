import type { LoadedModel } from "../../model/model.js";
import {
  type AnsweringOptions,
  answerAssignment,
  type PreparedPicture,
  preparePicture,
} from "./answer-assignment.js";
import type { Assignment, ShownPictures } from "./assignment.js";
import type { JournalRecord } from "./run-folder.js";

export interface LocalAnswering extends AnsweringOptions, ShownPictures {}

/**
 * Answers assignments in their order with a model of this process. The next picture is made ready while the questions
 * about the one before are answered.
 *
 * @param record called with each answer; the next question waits for it
 * @throws PrumergeError RUNTIME where the model is broken, and what `record` throws
 */
export async function answerHere(
  model: LoadedModel,
  assignments: readonly Assignment[],
  record: (record: JournalRecord) => Promise<unknown>,
  options: LocalAnswering,
): Promise<void> {
  const pictures = new PictureAhead(model, assignments, options);
  for (const [index, assignment] of assignments.entries()) {
    const picture = pictures.at(index);
    for await (const done of answerAssignment(model, assignment, picture, options)) {
      await record(done);
    }
    if (options.stop.aborted) break;
  }
}

/** The picture of the current assignment, shared by all configurations, and the next one on its way. */
class PictureAhead {
  readonly #ready = new Map<string, Promise<PreparedPicture>>();

  constructor(
    readonly model: LoadedModel,
    readonly assignments: readonly Assignment[],
    readonly shown: ShownPictures,
  ) {}

  at(index: number): Promise<PreparedPicture> | null {
    const wanted = this.assignments[index]!.picture?.sha256;
    const next = this.assignments.findIndex(
      ({ picture }, later) => later > index && picture !== null && picture.sha256 !== wanted,
    );
    const keep = [index, next].flatMap((at) => this.assignments[at]?.picture ?? []);
    for (const hash of this.#ready.keys())
      if (!keep.some(({ sha256 }) => sha256 === hash)) this.#ready.delete(hash);
    for (const picture of keep) {
      if (this.#ready.has(picture.sha256)) continue;
      const ready = preparePicture(this.model, picture, this.shown);
      ready.catch(() => undefined); // reported by the questions about it
      this.#ready.set(picture.sha256, ready);
    }
    return wanted === undefined ? null : this.#ready.get(wanted)!;
  }
}
