import { PrumergeError } from "../../errors.js";
import type { LoadedModel } from "../../generate/model.js";
import {
  type AnsweringOptions,
  answerAssignment,
  type PreparedPicture,
  preparePicture,
} from "./answer-assignment.js";
import type { Assignment } from "./assignment.js";
import type { JournalRecord } from "./run-folder.js";

export interface LocalAnswering extends AnsweringOptions {
  readonly imageAspect: "crop" | "pad" | null;
}

/** So many failures of the runtime one after another are the machine's fault, and are not recorded. */
const mostFailures = 3;

/**
 * Answers assignments in their order with a model of this process. The next picture is made ready while the questions
 * about the one before are answered.
 *
 * @param record called with each answer; the next question waits for it
 * @throws PrumergeError RUNTIME where ONNX Runtime fails again and again, and what `record` throws
 */
export async function answerHere(
  model: LoadedModel,
  assignments: readonly Assignment[],
  record: (record: JournalRecord) => Promise<unknown>,
  options: LocalAnswering,
): Promise<void> {
  const pictures = new PictureAhead(model, assignments, options.imageAspect);
  const doubtful: JournalRecord[] = [];
  for (const [index, assignment] of assignments.entries()) {
    const picture = pictures.at(index);
    for await (const done of answerAssignment(model, assignment, picture, options)) {
      if (done.kind === "failure" && done.code === "RUNTIME") {
        doubtful.push(done);
        if (doubtful.length >= mostFailures) {
          throw new PrumergeError("RUNTIME", "question after question fails", {
            where: `${done.task}, question ${done.id}`,
            found: done.message,
            help: "The run can be continued with the same command",
          });
        }
        continue;
      }
      for (const failure of doubtful.splice(0)) await record(failure);
      await record(done);
    }
    if (options.stop.aborted) break;
  }
  for (const failure of doubtful) await record(failure);
}

/** The picture of the current assignment, shared by all configurations, and the next one on its way. */
class PictureAhead {
  readonly #ready = new Map<string, Promise<PreparedPicture>>();

  constructor(
    readonly model: LoadedModel,
    readonly assignments: readonly Assignment[],
    readonly imageAspect: "crop" | "pad" | null,
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
      const ready = preparePicture(this.model, picture, this.imageAspect);
      ready.catch(() => undefined); // reported by the questions about it
      this.#ready.set(picture.sha256, ready);
    }
    return wanted === undefined ? null : this.#ready.get(wanted)!;
  }
}
