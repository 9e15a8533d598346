import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifest, root, StrangerProject } from "./stranger-project.js";

const project = new StrangerProject();
const { installed } = project;
const entries = Object.entries<{ default?: string }>(manifest.exports)
  .filter(([name]) => name !== "./package.json")
  .map(([name, { default: code }]) => ({ name: name.replace(".", "prumerge"), code }));
/** What can be imported, types alone included. */
const typed = entries.map(({ name }) => name);
/** What can be loaded. */
const names = entries.filter(({ code }) => code !== undefined).map(({ name }) => name);
const evaluate = (script: string) => project.succeed(process.execPath, ["--input-type=module", "-e", script]);

beforeAll(() => project.install(["--ignore-scripts"]));

afterAll(() => project.remove());

describe("the package, installed into an empty project with install scripts off", () => {
  it("brings no development dependency and no optional peer along", () => {
    const names = project.packages();
    expect(names).toEqual(expect.arrayContaining(["prumerge", "onnxruntime-node", "sharp"]));
    expect(
      names.filter((name) =>
        [
          "typescript",
          "vitest",
          "tsx",
          "publint",
          "bullmq",
          "ioredis",
          "mediabunny",
          "onnxruntime-web",
        ].includes(name),
      ),
    ).toEqual([]);
    expect(existsSync(join(project.path, "node_modules", "@huggingface", "transformers"))).toBe(false);
  });

  it("can be imported under every exported name", () => {
    const script = `const sizes = [];
      for (const name of ${JSON.stringify(names)}) sizes.push(Object.keys(await import(name)).length);
      console.log(JSON.stringify(sizes));`;
    const sizes: number[] = JSON.parse(evaluate(script));
    expect(sizes).toHaveLength(names.length);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
  });

  it("keeps its inner files to itself", () => {
    const { status, stderr } = project.run(process.execPath, [
      "--input-type=module",
      "-e",
      'await import("prumerge/dist/errors.js")',
    ]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("has types that a strict program compiles against", () => {
    const script = `import { loadModel, pruMergePlus, PrumergeError } from "prumerge";
      export async function ask(picture: string): Promise<string> {
        const model = await loadModel("pocket-llava");
        try {
          const seen = await model.see(picture, pruMergePlus({ tokens: 64 }));
          let words = "";
          for await (const text of model.answer(seen, "What is on the table?")) words += text;
          return words;
        } catch (error) {
          return PrumergeError.isInstance(error) ? error.code : "unknown";
        } finally {
          await model.dispose();
        }
      }
      // @ts-expect-error a count is a number
      pruMergePlus({ tokens: "64" });`;
    writeFileSync(join(project.path, "program.ts"), script);
    const options = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2022",
    ];
    const always = typed.filter((name) => name !== "prumerge/ai"); // which speaks the types of the AI SDK
    const imports = always.map((name, index) => `export * as entry${index} from ${JSON.stringify(name)};\n`);
    writeFileSync(join(project.path, "every-entry.ts"), imports.join(""));
    // Without Node's types and without passing over what the declarations themselves say.
    const types = ["--lib", "es2022,dom,dom.iterable", "--skipLibCheck", "false", "--types", ""];
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    project.succeed(process.execPath, [compiler, ...options, ...types, "program.ts", "every-entry.ts"]);
  });

  it("resolves to types and code under every resolution of modules that knows ES modules", () => {
    const checker = ["--yes", "@arethetypeswrong/cli@0.18.5", project.tarball()];
    project.succeed("npx", [...checker, "--profile", "esm-only", "--format", "ascii"]);
  });

  it("is small enough to be fetched on a slow line", () => {
    expect(statSync(project.tarball()).size).toBeLessThan(11e6);
  });

  it("satisfies publint as it is packed", async () => {
    const file = readFileSync(project.tarball());
    const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    const texts = messages.map((message) => formatMessage(message, pkg!, { color: false }) ?? message.code);
    // Where the project lives stands in package.json when it lives there: .ci/before-publish.mjs.
    expect(texts.filter((text) => !/repository/.test(text))).toEqual([]);
  });

  it("runs by npx in a folder with nothing in it", () => {
    const empty = join(project.folder, "nothing");
    mkdirSync(empty);
    const kept = join(project.succeed("npm", ["config", "get", "cache"]).trim(), "_npx");
    const before = existsSync(kept) ? readdirSync(kept) : [];
    const npx = ["--yes", "--ignore-scripts", "--prefer-offline", "--package", project.tarball(), "prumerge"];
    try {
      expect(project.succeed("npx", [...npx, "--version"], { cwd: empty }).trim()).toBe(manifest.version);
      const answer = project.succeed("npx", [...npx, "demo", "--quiet"], { cwd: empty });
      expect(answer).toMatch(/^unreduced +576 /m);
    } finally {
      for (const name of readdirSync(kept).filter((one) => !before.includes(one)))
        rmSync(join(kept, name), { recursive: true, force: true });
    }
  }, 300_000);

  it("starts as a program", () => {
    expect(project.succeed("npx", ["--no-install", "prumerge", "--version"]).trim()).toBe(manifest.version);
    if (process.platform !== "win32") {
      expect(statSync(join(installed, manifest.bin.prumerge)).mode & 0o111).not.toBe(0);
    }
  });

  it("answers about a picture with the bundled model, offline", () => {
    const samples = join(installed, "models", "pocket-llava", "samples");
    const picture = readdirSync(samples).find((name) => name.endsWith(".png"))!;
    const question = "What color is the background?";
    const answer = project.succeed("npx", [
      "--no-install",
      "prumerge",
      "ask",
      join(samples, picture),
      question,
      "--quiet",
    ]);
    expect(answer.trim()).toMatch(/^[\x20-\x7e]{2,}$/);
    const json = JSON.parse(
      project.succeed("npx", ["--no-install", "prumerge", "ask", join(samples, picture), question, "--json"]),
    );
    expect(JSON.stringify(json)).toContain(answer.trim().slice(0, 20));
  });

  it("answers from TypeScript, too", () => {
    const script = `import { readdirSync } from "node:fs";
      import { loadModel, pruMergePlus } from "prumerge";
      const samples = ${JSON.stringify(join(installed, "models", "pocket-llava", "samples"))};
      const model = await loadModel("pocket-llava");
      const picture = samples + "/" + readdirSync(samples).find((name) => name.endsWith(".png"));
      const seen = await model.see(picture, pruMergePlus({ tokens: 64 }));
      for await (const text of model.answer(seen, "What color is the background?")) process.stdout.write(text);
      await model.dispose();`;
    expect(evaluate(script).trim().length).toBeGreaterThan(1);
  });
});
