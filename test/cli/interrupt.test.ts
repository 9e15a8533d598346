import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type Finished, prumerge, samples } from "../support/command-line.js";

const picture = join(samples, "sample_1.png");
const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-interrupt-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An answer of seconds: at such a temperature the seed decides when it ends. */
const endless = ["ask", picture, "Describe", ..."--temperature 50 --seed 4 --max-new-tokens 1700".split(" ")];

/** Ctrl-C as soon as the program says something, or after a while. */
function interrupted(
  words: readonly string[],
  after: number | "output",
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return prumerge(words, {
    env,
    // A pipe that stays open, as a terminal does.
    disturb: (program) => {
      const stop = () => program.kill("SIGINT");
      if (after === "output") program.stdout!.once("data", stop);
      else setTimeout(stop, after);
    },
  });
}

describe("Ctrl-C", () => {
  it("ends an answer under way with 130, its text on a line of its own", async () => {
    const { status, stdout, stderr } = await interrupted(endless, "output");
    expect(stderr).toBe("prumerge: interrupted\n");
    expect(status).toBe(130);
    expect(stdout).toMatch(/\n$/);
  });

  it("waits for no work that it left behind", async () => {
    // Never ends; the model's own thread is left as it is.
    const work =
      'import { isMainThread } from "node:worker_threads"; if (isMainThread) setInterval(() => 0, 1000);';
    const { status, stderr } = await interrupted(endless, "output", {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(work)}`,
    });
    expect([status, stderr]).toEqual([130, "prumerge: interrupted\n"]);
  });

  it("leaves no JSON in two halves", async () => {
    const { status, stdout } = await interrupted([...endless, "--json"], 900);
    expect([status, stdout]).toEqual([130, ""]);
  });

  it("leaves no half conversion", async () => {
    const target = join(folder, "converted");
    const { status } = await interrupted(["convert", checkpoint, target], 450);
    if (status === 130) expect(existsSync(target)).toBe(false);
    else expect([status, existsSync(join(target, "prumerge.json"))]).toEqual([0, true]); // it was faster
    expect(readdirSync(folder).filter((name) => name !== "converted")).toEqual([]);
  });
});
