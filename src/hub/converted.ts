import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { PrumergeError } from "../errors.js";
import type { Dtype } from "../models/dtypes.js";
import { isCommit, parseHubId } from "./hub-id.js";
import type { WantedDtypes } from "./model-files.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the converted copy of a hub's checkpoint is remembered:
 * `XDG_CACHE_HOME/prumerge/converted/owner--name/COMMIT/DTYPE`, `~/.cache` where that variable is not set. The
 * conversion puts the folder there whole or not at all, so that its presence means that it can be used.
 *
 * @param id `owner/name`
 * @param commit 40 hexadecimal digits
 * @throws PrumergeError `INVALID_OPTION` for what is no id or no commit.
 */
export function convertedFolder(
  id: string,
  commit: string,
  { dtype, visionDtype }: { readonly dtype: Dtype; readonly visionDtype?: Dtype },
  environment: Environment = process.env,
): string {
  if (!isCommit(commit)) {
    throw new PrumergeError("INVALID_OPTION", "this is no commit", {
      expected: "40 hexadecimal digits",
      found: JSON.stringify(commit),
    });
  }
  const implied = dtype === "fp16" ? "fp16" : "fp32";
  const leaf = (visionDtype ?? implied) === implied ? dtype : `${dtype}-vision-${visionDtype}`;
  return join(conversions(id, environment), commit, leaf);
}

/**
 * The remembered conversion of a checkpoint that fits best, undefined where there is none. With a dtype only that one
 * counts; without, the smallest.
 */
export async function rememberedConversion(
  id: string,
  commit: string,
  { dtype, visionDtype }: WantedDtypes = {},
  environment: Environment = process.env,
): Promise<string | undefined> {
  for (const one of dtype === undefined ? (["q4", "int8", "q8", "fp16", "fp32"] as const) : [dtype]) {
    const wanted = { dtype: one, ...(visionDtype && { visionDtype }) };
    const folder = convertedFolder(id, commit, wanted, environment);
    const config = await stat(join(folder, "config.json")).catch(() => undefined);
    if (config?.isFile()) return folder;
  }
  return undefined;
}

/** Commits of a checkpoint of which some conversion is remembered, the latest conversion first. */
export async function convertedCommits(
  id: string,
  environment: Environment = process.env,
): Promise<string[]> {
  const folder = conversions(id, environment);
  const commits = (await readdir(folder).catch(() => [])).filter(isCommit);
  const times = await Promise.all(
    commits.map(async (commit) => ({ commit, time: (await stat(join(folder, commit))).mtimeMs })),
  );
  return times.sort((a, b) => b.time - a.time).map(({ commit }) => commit);
}

function conversions(id: string, environment: Environment): string {
  const name = parseHubId(id).name.replace("/", "--");
  return join(cacheHome(environment), "prumerge", "converted", name);
}

function cacheHome(environment: Environment): string {
  const given = environment.XDG_CACHE_HOME;
  return given !== undefined && given !== "" ? given : join(homedir(), ".cache");
}
