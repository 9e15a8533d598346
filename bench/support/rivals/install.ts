import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = (name: string) => fileURLToPath(new URL(`../../rivals/${name}`, import.meta.url));
const kept = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "prumerge", "rivals");

/** node-llama-cpp's built binaries by platform and processor; those for graphics cards are hundreds of megabytes. */
const binaries: Readonly<Record<string, string>> = {
  "linux x64": "linux-x64",
  "linux arm64": "linux-arm64",
  "darwin arm64": "mac-arm64-metal",
  "win32 x64": "win-x64",
};

/** A folder in which node-llama-cpp is installed, apart from the project's: users and checks need none of it. */
export function installLlamaCpp(): string {
  const folder = join(kept, "node");
  mkdirSync(folder, { recursive: true });
  copyFileSync(source("package.json"), join(folder, "package.json"));
  const npm = (...words: string[]) => {
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", ["install", ...words, ...quiet], {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
  };
  const binary = binaries[`${process.platform} ${process.arch}`];
  if (binary === undefined) throw new Error(`no binary for ${process.platform} ${process.arch}`);
  const there = join(folder, "node_modules", "@node-llama-cpp", binary);
  if (existsSync(there)) return folder;
  npm("--omit=optional");
  npm("--omit=optional", "--no-save", `@node-llama-cpp/${binary}@3.22.1`);
  return folder;
}

/** The Python of an environment in which OpenVINO is installed. */
export function installOpenVino(): string {
  const folder = join(kept, "openvino");
  const python = join(folder, "bin", "python");
  if (!existsSync(join(folder, "installed"))) {
    execFileSync("python3.11", ["-m", "venv", folder]);
    const words = [
      "-m",
      "pip",
      "install",
      "-q",
      "--disable-pip-version-check",
      "-r",
      source("requirements.txt"),
    ];
    execFileSync(python, words, { stdio: ["ignore", "inherit", "inherit"] });
    copyFileSync(source("requirements.txt"), join(folder, "installed"));
  }
  return python;
}
