import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "prumerge/convert";
import { afterAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { prumerge } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-cost-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

describe("prumerge cost", () => {
  it("compares token counts in a table that a terminal holds", async () => {
    const { status, stdout, stderr } = await prumerge(["cost", "--visual-tokens", "576,64,32"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^LLaVA-1\.5 7B \(fp16\) on NVIDIA A100/);
    expect(stdout).toMatch(/visual tokens +576 +64 +32\n/);
    expect(stdout).toMatch(/prefill +\d+ ms c .* m\n/); // compute binds 576, memory the rest
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("prints one JSON object with every stage", async () => {
    const { stdout } = await runInProcess(["cost", "--json", "--dtype", "int4", "--hardware", "V100"]);
    const { estimates, hardware, precision } = JSON.parse(stdout);
    expect(hardware.name).toBe("v100");
    expect(precision).toEqual({ weightBits: 4, activationBits: 16, keyValueBits: 16 });
    expect(estimates.map((one: { visualTokens: number }) => one.visualTokens)).toEqual([
      576, 288, 144, 64, 32,
    ]);
    expect(estimates[1].reduction.seconds).toBeGreaterThan(0);
  });

  it("takes the geometry of a model folder and of a checkpoint, and they agree", async () => {
    const flags = ["--json", "--bandwidth", "50", "--operations", "1.5"];
    const bundled = JSON.parse((await runInProcess(["cost", "-m", "pocket-llava", ...flags])).stdout);
    expect(bundled.model.language.hiddenSize).toBe(256);
    expect(bundled.hardware).toMatchObject({ bandwidth: 50e9, fp16: 1.5e12 });
    const unconverted = JSON.parse((await runInProcess(["cost", "-m", checkpoint, ...flags])).stdout);
    expect(unconverted.estimates).toEqual(bundled.estimates);
  });

  it.each([
    [
      "llava-next",
      "vicuna-7b",
      { size: { shortest_edge: 336 }, crop_size: { height: 336, width: 336 } },
      { "640x480": [2340, 5], "480x640": [2352, 5], "1000x10": [576, 4] },
    ],
    [
      "llava-onevision",
      "0.5b",
      { size: { height: 384, width: 384 } },
      { "640x480": [2929, 5], "480x640": [2943, 5], "1000x10": [811, 4] },
    ],
    [
      "smolvlm",
      "256M",
      { size: { longest_edge: 2048 }, max_image_size: { longest_edge: 512 } },
      { "640x480": [832, 13], "2048x512": [320, 5] },
    ],
  ] as const)("counts the views and visual tokens of a picture's size as transformers does: %s", async (family, name, processor, sizes) => {
    const model = join(folder, family);
    mkdirSync(model);
    const { config } = JSON.parse(readFileSync(fixture(`${family}/configs.json`), "utf8"))[name];
    const { image_grid_pinpoints } = config;
    const image_processor_type = {
      "llava-next": "LlavaNextImageProcessor",
      "llava-onevision": "LlavaOnevisionImageProcessor",
      smolvlm: "SmolVLMImageProcessor",
    }[family];
    writeFileSync(join(model, "config.json"), JSON.stringify(config));
    writeFileSync(
      join(model, "preprocessor_config.json"),
      JSON.stringify({ image_processor_type, image_grid_pinpoints, ...processor }),
    );
    for (const [picture, [tokens, views]] of Object.entries(sizes)) {
      const { stdout } = await runInProcess(["cost", "-m", model, "--picture", picture, "--json"]);
      const told = JSON.parse(stdout);
      expect([picture, told.picture.unreducedTokens, told.picture.views.length]).toEqual([
        picture,
        tokens,
        views,
      ]);
      const [all, ...fewer] = told.estimates;
      expect(all.visualTokens).toBe(tokens);
      expect(fewer.every((one: typeof all) => one.prefill.seconds < all.prefill.seconds)).toBe(true);
    }
    const few = JSON.parse(
      (await runInProcess(["cost", "-m", model, "--picture", "640x480", "--visual-tokens", "2", "--json"]))
        .stdout,
    );
    expect(few.estimates[0].encodedViews).toBe(2);
    const { stdout } = await runInProcess([
      "cost",
      "-m",
      model,
      "--picture",
      "640x480",
      "--visual-tokens",
      "160",
    ]);
    expect(stdout).toMatch(/a picture of 640 x 480\n/);
    expect(stdout).toMatch(/views encoded +\d+ of \d+/);
    const { status, stderr } = await runInProcess(["cost", "-m", model]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/--picture: .*640x480/)]);
  });

  it("counts a picture of any size, and a folder as the checkpoint that it was made of", async () => {
    const golden = goldenPath("qwen2_vl/tiny-qwen2vl");
    const model = join(folder, "qwen2-vl");
    await convert(golden, model, { dtype: "fp32", workers: 0 });
    const [one, other] = await Promise.all(
      [golden, model].map((from) => runInProcess(["cost", "-m", from, "--picture", "640x480", "--json"])),
    );
    const told = JSON.parse(one!.stdout);
    expect(told.picture).toEqual({ views: [391], unreducedTokens: 391 });
    expect(JSON.parse(other!.stdout).estimates).toEqual(told.estimates);
  });

  it("draws an SVG that asks for nothing else and follows the theme", async () => {
    const file = join(folder, "cost.svg");
    const { status } = await runInProcess(["cost", "--plot", file]);
    expect(status).toBe(0);
    const svg = readFileSync(file, "utf8");
    expect(svg).toMatch(/^<svg xmlns=.*prefers-color-scheme:dark/);
    expect(svg).toContain("visual tokens");
    expect(svg.match(/<svg/g)).toHaveLength(3);
    expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|NaN|Infinity/);
  });

  it("shows the paper's table beside three counts, and the sources of the machines", async () => {
    const { stdout } = await runInProcess(["cost", "--paper"]);
    expect(stdout.match(/published/g)).toHaveLength(8);
    expect(stdout).toMatch(/LLM-Viewer, 700 +9\.33 +88\.8 +23\.5 +4\.64\n/);
    const hardware = JSON.parse((await runInProcess(["cost", "--list-hardware", "--json"])).stdout);
    for (const { source } of hardware) expect(source.length).toBeGreaterThan(20);
  });

  it("refuses what makes no sense", async () => {
    const refused = async (...words: string[]) => {
      const { status, stderr } = await runInProcess(["cost", ...words]);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await refused("--hardware", "z80")).toContain("v100, a100");
    expect(await refused("--bandwidth", "50")).toContain("both its numbers");
    expect(await refused("--picture", "640x480")).toContain("all pictures have as many");
    expect(await refused("--picture", "640")).toContain("such as 640x480");
    expect(await refused("-m", checkpoint, "--picture", "9x9")).toContain("all pictures have as many");
    expect(await refused("--visual-tokens", "64,x")).toContain("576,144,64");
    expect(await refused("--visual-tokens", "577")).toContain("from 1 to 576");
    expect(await refused("--dtype", "int2")).toContain("int4");
    const nowhere = join(folder, "nowhere", "cost.svg");
    expect((await runInProcess(["cost", "--plot", nowhere])).status).not.toBe(0);
    expect(existsSync(nowhere)).toBe(false);
  });
});
