import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { elapsed } from "./best-ratio.js";
import type { Measured } from "./measured.js";

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Processes from start to end: the command line's and the library's first words against an empty one. */
export async function starting(measured: Measured): Promise<void> {
  const run = (...words: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  };
  const script = (text: string) => run("--input-type=module", "-e", text);
  const empty = () => script("");
  const tries = { runs: 6, clock: elapsed };
  const library = JSON.stringify(at("dist/index.js"));
  const importing = () => script(`await import(${library})`);
  await measured.ratio("import of the library over an empty process", "to its end", importing, empty, tries);
  const version = () => run(at("dist/cli/main.js"), "--version");
  await measured.ratio("prumerge --version over an empty process", "to its end", version, empty, tries);
}
