import { PrumergeError } from "../../errors.js";
import { isVideoFile } from "../task.js";
import type { RunnableTask } from "./plan-assignments.js";

/**
 * Refuses a benchmark of videos for a model that is shown none, before anything is asked.
 *
 * @param watches whether the model is shown videos
 * @throws PrumergeError INVALID_OPTION with the task
 */
export function refuseVideos(tasks: readonly RunnableTask[], watches: boolean): void {
  if (watches) return;
  const task = tasks.find(({ loaded }) => loaded.questions.some(({ picture }) => isVideoFile(picture)));
  if (task === undefined) return;
  throw new PrumergeError("INVALID_OPTION", "this model is shown no video", {
    where: task.task.name,
    expected: "a model that watches videos, see docs/video.md",
    help: "Answers of other programs are scored by prumerge score",
  });
}
