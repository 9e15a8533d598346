import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CaseResult, guarded } from "../outcome.js";
import { type ActivityNetCase, replayActivityNet } from "./activitynet.js";
import { type ChoicesCase, replayChoices } from "./choices.js";
import { type JudgeCase, replayReplies, replayRequest, replayTotals } from "./judge.js";

type Case = { readonly name: string };
type Replay = (folder: string, test: never) => CaseResult;

/** By the beginning of the case's name. */
const kinds: readonly (readonly [string, Replay])[] = [
  ["activitynet-", (folder, test: ActivityNetCase) => replayActivityNet(folder, test)],
  ["judge-replies", (folder, test: JudgeCase) => replayReplies(folder, test)],
  ["judge-request", (_, test: JudgeCase) => replayRequest(test)],
  ["judge-totals", (folder, test: JudgeCase) => replayTotals(folder, test)],
  ["mcq-", (folder, test: ChoicesCase) => replayChoices(folder, test)],
];

/** Replays every case of a folder of the video_scoring family. */
export function replayVideoScoring(folder: string): CaseResult[] {
  const { cases }: { cases: Case[] } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  return cases.map((test) => {
    const replay = kinds.find(([start]) => test.name.startsWith(start))?.[1];
    if (replay === undefined)
      return { name: test.name, outcome: "not covered", detail: "a kind of case that is not known here" };
    return guarded(test.name, () => replay(folder, test as never));
  });
}
