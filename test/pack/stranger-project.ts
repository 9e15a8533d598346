import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

type Environment = Readonly<Record<string, string>>;

/** An empty project of somebody who knows only the package, with a space in its name. */
export class StrangerProject {
  readonly folder = mkdtempSync(join(tmpdir(), "prumerge-pack-"));
  readonly path = join(this.folder, "project with a space");
  /** Where the package lies once it is installed. */
  readonly installed = join(this.path, "node_modules", "prumerge");

  /** @param fields what its package.json holds beside a name */
  constructor(fields: Readonly<Record<string, unknown>> = {}) {
    mkdirSync(this.path);
    const own = { name: "empty", private: true, type: "module", ...fields };
    writeFileSync(join(this.path, "package.json"), `${JSON.stringify(own)}\n`);
  }

  /** Packs this repository, and installs that. */
  install(options: readonly string[], environment: Environment = {}): void {
    this.succeed("npm", ["pack", "--ignore-scripts", "--pack-destination", this.folder], { cwd: root });
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    this.succeed("npm", ["install", ...quiet, ...options, this.tarball()], { environment });
  }

  /** The packed file. */
  tarball(): string {
    const [name] = readdirSync(this.folder).filter((one) => one.endsWith(".tgz"));
    return join(this.folder, name!);
  }

  /** Installs further packages beside it. */
  add(...packages: readonly string[]): void {
    const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
    this.succeed("npm", ["install", "--ignore-scripts", ...quiet, ...packages]);
  }

  /** Compiles a file of the project strictly, without Node's types. */
  compile(file: string, options: readonly string[]): void {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const usual = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", ""];
    this.succeed(process.execPath, [compiler, ...usual, ...options, file]);
  }

  /** What a program prints as JSON, in which `picture` is the path of a sample. */
  evaluate(script: string): Record<string, unknown> {
    const samples = join(this.installed, "models", "pocket-llava", "samples");
    const picture = join(samples, readdirSync(samples).find((name) => name.endsWith(".png"))!);
    writeFileSync(join(this.path, "program.mjs"), `const picture = ${JSON.stringify(picture)};\n${script}`);
    return JSON.parse(this.succeed(process.execPath, ["program.mjs"]));
  }

  /** Packages that lie in the project. */
  packages(): string[] {
    return readdirSync(join(this.path, "node_modules"));
  }

  run(
    command: string,
    parameters: readonly string[],
    { cwd = this.path, environment = {} }: { readonly cwd?: string; readonly environment?: Environment } = {},
  ): SpawnSyncReturns<string> {
    // Nothing of this repository's npm settings, and no hub: the bundled model must do without.
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(npm_|NODE_PATH$|NODE_OPTIONS$|VITEST|ONNXRUNTIME_|GLOBAL_AGENT_)/.test(name),
    );
    const env = { ...Object.fromEntries(inherited), HF_HUB_OFFLINE: "1", NO_COLOR: "1", ...environment };
    const shell = process.platform === "win32";
    return spawnSync(command, parameters, {
      cwd,
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      shell,
    });
  }

  succeed(
    command: string,
    parameters: readonly string[],
    options: Parameters<StrangerProject["run"]>[2] = {},
  ): string {
    const { status, stdout, stderr } = this.run(command, parameters, options);
    expect(status, `${command} ${parameters.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
    return stdout;
  }

  /** Runs the package's program. */
  prumerge(...parameters: readonly string[]): SpawnSyncReturns<string> {
    return this.run("npx", ["--no-install", "prumerge", ...parameters]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
