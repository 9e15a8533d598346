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

/** A module that is loaded before the program, as an option of Node. */
const preloaded = (source: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(source)}`,
});

/** Presses Ctrl-C at the fortieth call of the model's threads: in the middle of an answer, whose every token is a call. */
const atFortiethCall = preloaded(`
import { isMainThread, Worker } from "node:worker_threads";
const { postMessage } = Worker.prototype;
let calls = 0;
if (isMainThread) Worker.prototype.postMessage = function (...words) {
  if (++calls === 40) process.kill(process.pid, "SIGINT");
  return postMessage.apply(this, words);
};`);

/** Ctrl-C as soon as the program says something. */
function interrupted(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return prumerge(words, {
    env,
    // A pipe that stays open, as a terminal does.
    disturb: (program) => program.stdout!.once("data", () => program.kill("SIGINT")),
  });
}

describe("Ctrl-C", () => {
  it("ends an answer under way with 130, its text on a line of its own", async () => {
    const { status, stdout, stderr } = await interrupted(endless);
    expect(stderr).toBe("prumerge: interrupted\n");
    expect(status).toBe(130);
    expect(stdout).toMatch(/\n$/);
  });

  it("waits for no work that it left behind", async () => {
    // Never ends; the model's own thread is left as it is.
    const work =
      'import { isMainThread } from "node:worker_threads"; if (isMainThread) setInterval(() => 0, 1000);';
    const { status, stderr } = await interrupted(endless, preloaded(work));
    expect([status, stderr]).toEqual([130, "prumerge: interrupted\n"]);
  });

  it("leaves no JSON in two halves", async () => {
    const { status, stdout } = await prumerge([...endless, "--json"], { env: atFortiethCall });
    expect([status, stdout]).toEqual([130, ""]);
  });

  it("leaves no half conversion", async () => {
    const target = join(folder, "converted");
    const { status } = await prumerge(["convert", checkpoint, target], {
      disturb: (program) => {
        // Once, as soon as anything is written.
        const looking = setInterval(() => {
          if (readdirSync(folder).length === 0) return;
          clearInterval(looking);
          program.kill("SIGINT");
        }, 1);
        program.once("exit", () => clearInterval(looking));
      },
    });
    if (status === 130) expect(existsSync(target)).toBe(false);
    else expect([status, existsSync(join(target, "prumerge.json"))]).toEqual([0, true]); // it was faster
    expect(readdirSync(folder).filter((name) => name !== "converted")).toEqual([]);
  });
});
