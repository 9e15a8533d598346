import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "prumerge-pack-"));
const project = join(folder, "project with a space");
const installed = join(project, "node_modules", "prumerge");

function run(command: string, parameters: readonly string[], cwd = project): SpawnSyncReturns<string> {
  // Nothing of this repository's npm settings, and no hub: the bundled model must do without.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_PATH$|NODE_OPTIONS$|VITEST)/.test(name),
  );
  const env = { ...Object.fromEntries(inherited), HF_HUB_OFFLINE: "1", NO_COLOR: "1" };
  const shell = process.platform === "win32";
  return spawnSync(command, parameters, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    shell,
  });
}

function succeed(command: string, parameters: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = run(command, parameters, cwd);
  expect(status, `${command} ${parameters.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

const evaluate = (script: string) => succeed(process.execPath, ["--input-type=module", "-e", script]);

beforeAll(() => {
  succeed("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], root);
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  succeed(process.execPath, ["-e", `require("node:fs").mkdirSync(${JSON.stringify(project)})`], folder);
  writeFileSync(join(project, "package.json"), '{ "name": "empty", "private": true, "type": "module" }\n');
  const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  succeed("npm", ["install", ...options, join(folder, tarball!)]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package, installed into an empty project with install scripts off", () => {
  it("brings no development dependency and no optional peer along", () => {
    const names = readdirSync(join(project, "node_modules"));
    expect(names).toEqual(expect.arrayContaining(["prumerge", "onnxruntime-node", "sharp"]));
    expect(
      names.filter((name) => ["typescript", "vitest", "tsx", "fast-check", "publint"].includes(name)),
    ).toEqual([]);
    expect(existsSync(join(project, "node_modules", "@huggingface", "transformers"))).toBe(false);
  });

  it("can be imported under every exported name", () => {
    const names = Object.keys(manifest.exports).filter((name) => name !== "./package.json");
    const specifiers = names.map((name) => name.replace(".", "prumerge"));
    const script = `const sizes = [];
      for (const name of ${JSON.stringify(specifiers)}) sizes.push(Object.keys(await import(name)).length);
      console.log(JSON.stringify(sizes));`;
    const sizes: number[] = JSON.parse(evaluate(script));
    expect(sizes).toHaveLength(names.length);
    for (const size of sizes) expect(size).toBeGreaterThan(0);
  });

  it("keeps its inner files to itself", () => {
    const { status, stderr } = run(process.execPath, [
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
    writeFileSync(join(project, "program.ts"), script);
    const options = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--module",
      "nodenext",
      "--target",
      "es2022",
    ];
    const types = ["--lib", "es2023,dom,dom.iterable", "--skipLibCheck", "--types", "", "program.ts"];
    succeed(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...options, ...types]);
  });

  it("starts as a program", () => {
    expect(succeed("npx", ["--no-install", "prumerge", "--version"]).trim()).toBe(manifest.version);
    if (process.platform !== "win32") {
      expect(statSync(join(installed, manifest.bin.prumerge)).mode & 0o111).not.toBe(0);
    }
  });

  it("answers about a picture with the bundled model, offline", () => {
    const samples = join(installed, "models", "pocket-llava", "samples");
    const picture = readdirSync(samples).find((name) => name.endsWith(".png"))!;
    const question = "What color is the background?";
    const answer = succeed("npx", [
      "--no-install",
      "prumerge",
      "ask",
      join(samples, picture),
      question,
      "--quiet",
    ]);
    expect(answer.trim()).toMatch(/^[\x20-\x7e]{2,}$/);
    const json = JSON.parse(
      succeed("npx", ["--no-install", "prumerge", "ask", join(samples, picture), question, "--json"]),
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
