import { spawnSync } from "node:child_process";

/** Whether there is an ffmpeg here; says so where not, since tests are left out then, and fails where everything has to be tested. */
export function hasFfmpeg(): boolean {
  if (spawnSync("ffmpeg", ["-version"]).status === 0) return true;
  const missing = "there is no ffmpeg; Debian: apt-get install ffmpeg";
  if (process.env.CI !== undefined) throw new Error(missing);
  console.warn(`Left out: tests that decode videos (${missing})`);
  return false;
}
