import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changedCopy, goldenPath } from "./support/checkpoint-folder.js";
import { greatestDifference } from "./support/compare.js";
import { floatTensor, openModel, run as runGraph } from "./support/ort.js";
import { floats, readFixture } from "./support/safetensors.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "prumerge-own-family-"));
const picture = goldenPath("llava/tiny-llava-llama.png");

/** The files of the page's example, word for word, and its lines. */
beforeAll(async () => {
  cpSync(join(root, "src"), join(copy, "src"), { recursive: true });
  for (const name of ["tsconfig.json", "package.json"]) cpSync(join(root, name), join(copy, name));
  for (const name of ["node_modules", "models"]) symlinkSync(join(root, name), join(copy, name));
  const page = readFileSync(join(root, "docs/adding-a-family.md"), "utf8");
  const files = [...page.matchAll(/```ts\n\/\/ (src\/families\/\S+)\n(.*?)```/gs)];
  expect(files.map(([, path]) => path)).toHaveLength(3);
  for (const [, path, code] of files) {
    mkdirSync(dirname(join(copy, path!)), { recursive: true });
    writeFileSync(join(copy, path!), code!);
  }
  addLine("run", "const families = [", "llavaLinear, ");
  addLine("convert", "ConvertFamily>> = {", '"llava-linear": llavaLinear,');
  await run("npx", ["tsc", "-p", "tsconfig.json"], { cwd: copy });
});

/** What the page asks for in one of the two lists: an entry, and its import. */
function addLine(door: "run" | "convert", place: string, entry: string): void {
  const path = join(copy, `src/families/${door}-registry.ts`);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(place);
  const line = `import { llavaLinear } from "./llava-linear/${door}.js";\n`;
  writeFileSync(path, `${line}${text.replace(place, `${place}${entry}`)}`);
}

afterAll(() => rmSync(copy, { recursive: true, force: true }));

async function prumerge(...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(copy, "dist/cli/main.js"), ...words], { cwd: copy });
  return stdout;
}

/** The recorded tiny LLaVA with the first of its projector's two layers alone, which is as wide as the language model. */
function linearCheckpoint(): string {
  return changedCopy("llava/tiny-llava-llama", {
    rename: (name) =>
      name.includes(".linear_2.") ? undefined : name.replace("projector.linear_1.", "projector.linear."),
    config: (json) =>
      Object.assign(json, {
        architectures: ["LlavaLinearForConditionalGeneration"],
        model_type: "llava_linear",
      }),
  });
}

it("a family of one folder and its lines converts, describes itself and answers", async () => {
  const source = linearCheckpoint();
  const folder = join(source, "converted");
  await prumerge("convert", source, folder, "--dtype", "fp32", "--quiet");
  const report = JSON.parse(await prumerge("info", folder, "--json"));
  expect(report).toMatchObject({
    form: "converted",
    spec: { family: "llava-linear" },
    views: 1,
    patches: 64,
  });
  const words = ["ask", picture, "What is it?", "--model", folder, "--visual-tokens", "9", "--json"];
  const answer = JSON.parse(await prumerge(...words, "--max-new-tokens", "3"));
  expect(answer).toMatchObject({ visualTokens: 9, unreducedTokens: 64 });
  expect(answer.tokenIds.length).toBeGreaterThan(0);
  const cost = JSON.parse(await prumerge("cost", "--model", folder, "--json"));
  expect(cost.estimates[0].visualTokens).toBe(64);

  const weights = readFixture(join(source, "model.safetensors"));
  const [weight, bias] = ["weight", "bias"].map((part) =>
    floats(weights, `multi_modal_projector.linear.${part}`),
  );
  const row = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const expected = Float32Array.from(bias!, (start, out) =>
    row.reduce((sum, value, i) => sum + value * weight![out * 64 + i]!, start),
  );
  const session = await openModel(join(folder, "onnx/projector.onnx"));
  const { image_features: features } = await runGraph(session, { tokens: floatTensor(row, [1, 64]) });
  expect(greatestDifference(features!.data as Float32Array, expected)).toBeLessThan(1e-5);
});

it("its checkpoints are checked as all others are", async () => {
  const both = changedCopy("llava/tiny-llava-llama", {
    config: (json) =>
      Object.assign(json, {
        architectures: ["LlavaLinearForConditionalGeneration"],
        model_type: "llava_linear",
      }),
  });
  await expect(prumerge("convert", both, join(both, "converted"))).rejects.toThrow(
    /tensors are missing.*multi_modal_projector\.linear\.weight/,
  );
});

it("other families stay as they are", async () => {
  const source = changedCopy("llava/tiny-llava-llama", {});
  await prumerge("convert", source, join(source, "converted"), "--quiet");
  const report = JSON.parse(await prumerge("info", join(source, "converted"), "--json"));
  expect(report.spec.family).toBe("llava");
});
