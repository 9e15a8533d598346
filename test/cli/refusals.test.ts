import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { bundledFolder } from "../support/bundled.js";
import { type Finished, prumerge, samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const picture = join(samples, "sample_1.png");
const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-cli-"));
const text = join(folder, "letter.txt");
const empty = join(folder, "empty.png");
writeFileSync(text, "Dear all,\n");
writeFileSync(empty, "");
mkdirSync(join(folder, "hollow"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ask = (...words: string[]) => ["ask", picture, "What is it?", ...words];

/** Words of a command line, its exit status, and what standard error must say. */
const refusals: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["ask", join(folder, "missing.png"), "What?"], 1, /missing\.png: no such picture/],
  [["ask", text, "What?"], 1, /letter\.txt: not a picture that is read; expected JPEG, PNG/],
  [["ask", empty, "What?"], 1, /empty\.png: an empty file is no picture/],
  [["ask", join(folder, "hollow"), "What?"], 1, /a folder is no picture/],
  [["ask", picture], 2, /the question is missing\nThe last argument is the question/],
  [["ask", picture, " "], 2, /the question is missing/],
  [["ask"], 2, /missing required argument 'picture'\nTry: prumerge ask --help/],
  [["ask", "-", "-", "What?"], 2, /standard input can be only one of the pictures/],
  [ask("--method", "prumrge"), 2, /no such method.*found "prumrge"\nDid you mean "prumerge"\?/],
  [
    ask("--method", "random", "--visual-tokens", "adaptive"),
    2,
    /random does not take .*expected a count, or a share, found/,
  ],
  [ask("--method", "none", "--visual-tokens", "64"), 2, /none/],
  [ask("--visual-tokens", "0"), 2, /'0' is invalid. Expected a count \(64\), a share/],
  [ask("--visual-tokens", "adaptive:"), 2, /'adaptive:' is invalid/],
  [ask("--visual-tokens", "600"), 2, /tokens.*expected an integer from 1 to 577, found 600/],
  [ask("--max-new-tokens", "none"), 2, /Expected a whole number, 1 or more/],
  [ask("--temperature", "-1"), 2, /temperature: out of range/],
  [ask("--temperature", "hot"), 2, /Expected a number/],
  [ask("--top-p", "2"), 2, /topP: out of range/],
  [ask("--seed", "99999999999"), 2, /seed: out of range/],
  [ask("--threads", "5000"), 2, /threads.*1 \.\. 1024, found 5000/],
  [ask("--device", "abacus"), 2, /no such device; expected cpu.*found "abacus"/],
  [ask("--image-aspect", "bent"), 2, /Allowed choices are crop, pad/],
  [ask("--max-pixels", "1000"), 2, /maxPixels: this model takes pictures of its own size; .*found 1000/],
  [ask("--min-pixels", "0"), 2, /Expected a whole number, 1 or more/],
  [["ask", "Who are you?", "--max-pixels", "1000"], 2, /--max-pixels: there is no picture/],
  [ask("--positions", "middle"), 2, /Allowed choices are contiguous, original/],
  [["ask", "Who are you?", "--positions", "original"], 2, /--positions: there is no picture/],
  [ask("--bogus"), 2, /unknown option '--bogus'/],
  [["aks"], 2, /unknown command 'aks'\n\(Did you mean ask\?\)/],
  [
    ask("--max-new-tokens", "5000"),
    1,
    /found \d+ of the prompt and 5000 of the answer\nAsk for at most \d+ new tokens/,
  ],
  [
    ["ask", picture, "word ".repeat(3000)],
    1,
    /at most 2048 tokens, found \d+ of the prompt.*\nShorten the question/,
  ],
  [
    ask("--model", "poket-llava"),
    1,
    /poket-llava: there is no such model.*\nThe bundled model is called pocket-llava/,
  ],
  [ask("--model", join(folder, "hollow")), 1, /hollow: this is no model that prumerge reads/],
  [ask("--model", "owner/name"), 1, /owner\/name/],
  [
    ask("--model", checkpoint),
    1,
    /has not been converted yet.*\nConvert it once: prumerge convert \S+ \S+-q4 --dtype q4/,
  ],
  [["inspect", picture, "-o", join(folder, "out.gif")], 2, /ending in \.png, \.svg, \.html, \.json/],
  [
    ["inspect", picture, "-o", join(folder, "no", "out.png")],
    1,
    /no\/out\.png: the output cannot be written/,
  ],
  [
    ["inspect", picture, "--method", "cdpruner"],
    2,
    /--question: the method cdpruner reads the question; expected --question "What/,
  ],
  [
    ["encode", picture, "-o", join(folder, "out.npy"), "--method", "uniform", "--question", "What?"],
    2,
    /--question: the method uniform does not read the question/,
  ],
  [["inspect", picture, "--question", "What?"], 2, /prumerge\+ does not read the question/],
  [["encode", picture], 2, /required option '-o, --output <file>' not specified/],
  [["encode", picture, "-o", join(folder, "no", "out.npy")], 1, /no\/out\.npy: the output cannot be written/],
  [["convert", checkpoint], 2, /missing required argument 'destination'/],
  [
    ["convert", checkpoint, join(folder, "x"), "--dtype", "q5"],
    2,
    /Allowed choices are fp32, fp16, q8, int8, q4/,
  ],
  [["convert", join(folder, "hollow"), join(folder, "x")], 1, /hollow/],
  [["info", join(folder, "nothing")], 1, /nothing: there is no such model/],
  [
    ["convert", bundledFolder, join(folder, "x")],
    2,
    /pocket-llava: this folder is a converted model already; expected a checkpoint, found the conversion of \S+/,
  ],
];

describe("what the command line refuses", () => {
  const expectRefusal = (found: Finished, status: number, message: RegExp) => {
    expect(found.stderr).toMatch(message);
    expect({ status: found.status, stdout: found.stdout }).toEqual({ status, stdout: "" });
    expect(found.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(found.stderr).not.toMatch(/^ +at /m);
  };

  it.each(refusals)("%j", async (words, status, message) =>
    expectRefusal(await runInProcess(words), status, message));

  // One of the parser's, one of a picture, one of a loaded model: they end a process as they end a call.
  const some = /unknown command|no such picture|and 5000 of the answer/;
  it.each(
    refusals.filter(([, , message]) => some.test(message.source)),
  )("as a process: %j", async (words, status, message) =>
    expectRefusal(await prumerge(words), status, message));

  it.each([
    [["ask", "-", "What?"], "", /^prumerge: standard input: an empty file is no picture/],
    [["ask", picture, "-", "What?"], "Dear all,\n", /^prumerge: standard input: not a picture that is read/],
    [["inspect", "-"], readFileSync(picture).subarray(0, 900), /^prumerge: standard input: /],
  ] as const)("%j calls standard input by its name", async (words, input, message) => {
    const { status, stderr } = await runInProcess(words, { input });
    expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it("names the address that does not answer, and no token", async () => {
    const env = {
      HF_ENDPOINT: "http://127.0.0.1:9",
      HF_TOKEN: "hf_secret",
      HF_HUB_OFFLINE: "0",
      HF_HOME: folder,
    };
    const { status, stderr } = await prumerge(["info", "a/b"], { env });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/a\/b.*http:\/\/127\.0\.0\.1:9.*in a row/)]);
    expect(stderr).not.toContain("hf_secret");
  });

  it("shows where an error comes from only when asked", async () => {
    const words = ["ask", join(folder, "missing.png"), "What?"];
    expect((await prumerge(words, { env: { PRUMERGE_DEBUG: "1" } })).stderr).toMatch(/^ +at .+\.js:\d+/m);
  });

  it("leaves nothing half-written behind", async () => {
    const target = join(folder, "converted");
    await runInProcess(["convert", checkpoint, target, "--vision-tower", join(folder, "nowhere")]);
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(folder).sort()).toEqual(["empty.png", "hollow", "letter.txt"]);
  });
});
