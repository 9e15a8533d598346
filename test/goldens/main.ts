import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { replayCdPruner } from "./cdpruner/replay.js";
import { replayDivPrune } from "./divprune/replay.js";
import { replayEffivlm } from "./effivlm/replay.js";
import { replayHiPrune } from "./hiprune/replay.js";
import { replayLlava } from "./llava/replay.js";
import { replayLora } from "./lora/replay.js";
import type { CaseResult, Form } from "./outcome.js";
import { inGraph } from "./prumerge/in-graph.js";
import { planner, replayPrumerge } from "./prumerge/replay.js";
import { replayQwenVl } from "./qwen-vl/replay.js";
import { replaySmolVlm } from "./smolvlm/replay.js";
import { nextGoldens, onevisionGoldens } from "./tiles/family.js";
import { replayTiles } from "./tiles/replay.js";
import { replayTome } from "./tome/replay.js";
import { replayVideoFrames } from "./video-frames/replay.js";
import { replayVideoLlava } from "./video-llava/replay.js";
import { replayVideoScoring } from "./video-scoring/replay.js";
import { replayVisionZip } from "./visionzip/replay.js";

/** Every case of a family folder, in both forms of the reduction; "-" where nothing is reduced. */
type Replay = (folder: string) => Promise<ReadonlyMap<Form | "-", readonly CaseResult[]>>;

const forms: readonly Form[] = ["planner", "in-graph"];

const families: Readonly<Record<string, Replay>> = {
  prumerge: async (folder) =>
    new Map([
      ["planner", await replayPrumerge(folder, planner)],
      ["in-graph", await replayPrumerge(folder, inGraph())],
    ]),
  cdpruner: async (folder) => new Map([["planner", replayCdPruner(folder)]]),
  hiprune: async (folder) => new Map([["planner", replayHiPrune(folder)]]),
  divprune: async (folder) => new Map([["planner", replayDivPrune(folder)]]),
  llava: (folder) => replayLlava(folder, forms),
  llava_next: (folder) => replayTiles(folder, nextGoldens, forms),
  llava_onevision: (folder) => replayTiles(folder, onevisionGoldens, forms),
  lora: (folder) => replayLora(folder, forms),
  qwen2_5_vl: replayQwenVl,
  qwen2_vl: replayQwenVl,
  qwen3_vl: replayQwenVl,
  smolvlm: (folder) => replaySmolVlm(folder),
  tome: async (folder) => new Map([["planner", replayTome(folder)]]),
  effivlm_siglip_prumerge_plus: async (folder) => new Map([["planner", await replayEffivlm(folder)]]),
  video_frames: async (folder) => new Map([["-", await replayVideoFrames(folder)]]),
  video_scoring: async (folder) => new Map([["-", replayVideoScoring(folder)]]),
  video_llava: replayVideoLlava,
  visionzip: async (folder) => new Map([["planner", await replayVisionZip(folder)]]),
};

const outcomes = ["passed", "defined by us", "not covered", "missed"] as const;

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  console.error("Usage: npm run goldens -- FOLDER   (a family's, with a manifest.json, or a folder of such)");
  process.exit(2);
}
process.exit(await replayFolder(folder));

async function replayFolder(root: string): Promise<number> {
  const isFamily = (path: string) => existsSync(join(path, "manifest.json"));
  const folders = isFamily(root)
    ? [root]
    : readdirSync(root)
        .map((name) => join(root, name))
        .filter(isFamily);
  const totals: string[] = [];
  let covered = 0;
  let missed = 0;
  for (const folder of folders) {
    const name = basename(resolve(folder));
    for (const [form, results] of await replayFamily(folder, name).catch(unreadable)) {
      for (const result of results) console.log(line(name, form, result));
      const count = (outcome: CaseResult["outcome"]) =>
        results.filter((one) => one.outcome === outcome).length;
      const counts = outcomes.map((outcome) => `${count(outcome)} ${outcome}`).join(", ");
      totals.push(`${name.padEnd(30)} ${form.padEnd(9)} ${counts}`);
      covered += count("passed") + count("defined by us");
      missed += count("missed");
    }
  }
  console.log(`\n${totals.join("\n")}`);
  if (covered === 0) console.log("\nNothing was replayed.");
  return missed === 0 && covered > 0 ? 0 : 1;
}

async function replayFamily(
  folder: string,
  name: string,
): Promise<ReadonlyMap<Form | "-", readonly CaseResult[]>> {
  const replay = families[name];
  if (replay !== undefined) return replay(folder);
  const { cases }: { cases: { name: string }[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const detail = "a family that is not replayed yet";
  return new Map([
    ["-", cases.map((test) => ({ name: test.name, outcome: "not covered" as const, detail }))],
  ]);
}

/** A family that cannot be read is a miss, and keeps no other from being replayed. */
function unreadable(error: unknown): ReadonlyMap<"-", readonly CaseResult[]> {
  const detail = error instanceof Error ? error.message.slice(0, 200) : String(error);
  return new Map([["-", [{ name: "manifest.json", outcome: "missed", detail }]]]);
}

function line(family: string, form: string, { name, outcome, detail }: CaseResult): string {
  return `${outcome.padEnd(13)} ${family} ${form} ${name}${detail === "" ? "" : `: ${detail}`}`;
}
