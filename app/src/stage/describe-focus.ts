import type { Focus, Inspection } from "prumerge/drawing";
import { stageOf } from "./stage-of.js";

/** What the reader points at, in a sentence or two. */
export function describeFocus(inspection: Inspection, focus: Focus): string {
  return stageOf(inspection).model.say(focus);
}
