import { readFile } from "node:fs/promises";

/** Whether a process of this machine runs. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
  // A killed process keeps its id until its parent has collected it: in many containers, for ever. Linux tells.
  const state = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  return !/\) Z [^)]*$/.test(state);
}
