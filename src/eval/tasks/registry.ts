import { PrumergeError } from "../../errors.js";
import { nearestName } from "../../reduce/nearest-name.js";
import type { Task } from "../task.js";
import { gqa } from "./gqa/gqa.js";
import { mmbench } from "./mmbench/mmbench.js";
import { mme } from "./mme/mme.js";
import { mvbench } from "./mvbench/mvbench.js";
import { nextqa } from "./nextqa/nextqa.js";
import { pope } from "./pope/pope.js";
import { scienceqa } from "./scienceqa/scienceqa.js";
import { textvqa } from "./textvqa/textvqa.js";
import { activityNetQaTask, msrvttQaTask, msvdQaTask } from "./video-qa/video-qa.js";
import { vqav2 } from "./vqav2/vqav2.js";

/** All benchmarks: of pictures in the order of LLaVA-1.5's tables, then of videos in that of Video-LLaVA's. */
export const tasks: readonly Task[] = [
  ...[vqav2, gqa, scienceqa, textvqa, pope, mme, mmbench],
  ...[msvdQaTask, msrvttQaTask, activityNetQaTask, nextqa, mvbench],
];

/** @throws PrumergeError INVALID_OPTION for an unknown name, with the nearest one */
export function findTask(name: string): Task {
  const found = tasks.find((task) => task.name === name);
  if (found !== undefined) return found;
  const names = tasks.map((task) => task.name);
  const nearest = nearestName(name, names);
  throw new PrumergeError("INVALID_OPTION", "no such task", {
    expected: names.join(", "),
    found: name,
    ...(nearest !== undefined && { help: `Did you mean ${nearest}?` }),
  });
}
