import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { beforeAll, describe, expect, it } from "vitest";
import { listFiles, readImports } from "./support/imports.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const exported: [string, { types: string; default?: string }][] = Object.entries(
  manifest.exports as Record<string, { types: string; default?: string }>,
).filter(([path]) => path !== "./package.json");

describe("package.json", () => {
  it.each(exported)("exports %s as a built file with its types", (_, entry) => {
    expect(existsSync(join(root, entry.types)), entry.types).toBe(true);
    const code = entry.types.replace(/\.d\.ts$/, ".js");
    // What has nothing but types is no module: it is not there to be loaded.
    const empty = /^(\s|\/\*.*?\*\/|export \{\};)*$/s.test(readFileSync(join(root, code), "utf8"));
    expect(entry).toEqual({ types: entry.types, ...(!empty && { default: code }) });
  });

  it("names a program that Node can start", () => {
    expect(Object.keys(manifest.bin)).toEqual(["prumerge"]);
    const program = readFileSync(join(root, manifest.bin.prumerge), "utf8");
    expect(program.startsWith("#!/usr/bin/env node\n")).toBe(true);
    const run = (flag: string) =>
      execFileSync(process.execPath, [join(root, manifest.bin.prumerge), flag], { encoding: "utf8" });
    expect(run("--version").trim()).toBe(manifest.version);
    expect(run("--help")).toContain("prumerge");
  });

  it("runs nothing when it is installed", () => {
    const hooks = [
      "preinstall",
      "install",
      "postinstall",
      "prepublish",
      "preprepare",
      "prepare",
      "postprepare",
    ];
    expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
    expect(readFileSync(join(root, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
  });

  it("is published with a proof of where it was built", () => {
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
    expect(manifest.scripts.prepublishOnly).toContain(".ci/before-publish.mjs");
  });

  it("pins one version of ONNX Runtime, exactly", () => {
    const all = {
      ...manifest.devDependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
      ...manifest.dependencies,
    };
    const runtimes = Object.entries(all).filter(([name]) => /^onnxruntime-(node|web|common)$/.test(name));
    expect(runtimes.length).toBeGreaterThan(0);
    for (const [name, version] of runtimes) expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
    expect(new Set(runtimes.map(([, version]) => version)).size).toBe(1);
    const installed = JSON.parse(
      readFileSync(join(root, "node_modules/onnxruntime-node/package.json"), "utf8"),
    );
    expect(installed.version).toBe(manifest.optionalDependencies["onnxruntime-node"]);
  });

  it("asks for the Node that the code is written for, and says what it is", () => {
    expect(manifest.engines.node).toMatch(/^>=20\.\d+$/);
    expect(manifest).toMatchObject({ type: "module", license: "Apache-2.0", name: "prumerge" });
  });

  it("asks for no older Node than what is installed with it", () => {
    const least = Number(manifest.engines.node.split(".")[1]);
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    expect(lock.packages[""].engines).toEqual(manifest.engines);
    const installed = Object.entries<{ dev?: boolean; engines?: { node?: string } }>(lock.packages).filter(
      ([path, { dev, engines }]) => path !== "" && !dev && engines?.node !== undefined,
    );
    expect(installed.length).toBeGreaterThan(20);
    // One of a range's alternatives takes in the whole of 20.x from there on.
    const takes = (range: string) =>
      range.split("||").some((alternative) => {
        const [, operator, major, minor = 0] =
          /^\s*(>=|>|\^|~)?\s*v?(\d+)(?:\.(\d+))?/.exec(alternative) ?? [];
        const from = [Number(major), Number(minor)] as const;
        const open = operator === ">=" || operator === ">";
        return from[0] === 20 ? from[1] <= least : open && from[0] < 20;
      });
    const refusing = installed.filter(([, { engines }]) => engines!.node !== "*" && !takes(engines!.node!));
    expect(refusing.map(([path, { engines }]) => `${path}: ${engines!.node}`)).toEqual([]);
  });

  it("satisfies publint", async () => {
    const { messages, pkg } = await publint({ pkgDir: root, pack: false, strict: true });
    const texts = messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
    // Where the repository will live is not settled by the package.
    expect(texts.filter((text) => !/repository/.test(text))).toEqual([]);
  });

  it("keeps download addresses out of the lock file", () => {
    expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toContain('"resolved": "http');
  });
});

describe("what is built", () => {
  const files = listFiles(built).filter((file) => !file.startsWith("app/")); // the page is built from app/

  it("comes from sources that exist: nothing is left over from earlier builds", () => {
    const stale = files.filter((file) => {
      const source = file.replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
      return !existsSync(join(root, "src", source));
    });
    expect(stale).toEqual([]);
    expect(files.filter((file) => file.includes(".test."))).toEqual([]);
  });

  it("imports only what is installed with it", () => {
    const allowed = new Set([
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.optionalDependencies),
      ...Object.keys(manifest.peerDependencies),
    ]);
    const bare = readImports(built, /^(?!app\/).*\.(js|d\.ts)$/).filter(
      ({ specifier }) => !specifier.startsWith("."),
    );
    expect(bare.length).toBeGreaterThan(30);
    const strangers = bare.filter(({ specifier }) => {
      if (specifier.startsWith("node:")) return !builtinModules.includes(specifier.slice(5));
      const parts = specifier.split("/");
      return !allowed.has(specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!);
    });
    expect(strangers).toEqual([]);
  });

  it("has types that ask for nothing that may be absent, however far they are followed", () => {
    const imports = readImports(built, /\.d\.ts$/);
    // Whoever imports prumerge/ai has the AI SDK, whose types it speaks.
    const always = exported.filter(([path]) => path !== "./ai");
    const reached = new Set(always.map(([, { types }]) => types.replace("./dist/", "")));
    const packages = new Set<string>();
    for (const file of reached) {
      for (const { specifier, target } of imports.filter((one) => one.file === file)) {
        if (target === undefined)
          packages.add(specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
        else reached.add(target.replace(/\.js$/, ".d.ts"));
      }
    }
    expect(reached.size).toBeGreaterThan(100);
    expect([...packages].filter((name) => !(name in manifest.dependencies))).toEqual([]);
  });

  it("uses every dependency", () => {
    const used = readImports(built, /\.js$/).map(({ specifier }) => specifier);
    const idle = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).filter(
      (name) => !used.some((specifier) => specifier === name || specifier.startsWith(`${name}/`)),
    );
    expect(idle).toEqual([]);
  });
});

describe("what is packed", () => {
  let packed: { path: string; size: number }[] = [];

  beforeAll(() => {
    const output = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      shell: process.platform === "win32",
    });
    const parsed = JSON.parse(output);
    packed = (Array.isArray(parsed) ? parsed[0] : Object.values(parsed)[0]).files;
  });

  it("holds what the list of files promises", () => {
    const paths = packed.map(({ path }) => path);
    for (const entry of manifest.files as string[]) {
      const pattern = new RegExp(`^${entry.replaceAll(".", "\\.").replace("*", "[^/]*")}(/|$)`);
      expect(
        paths.some((path) => pattern.test(path)),
        entry,
      ).toBe(true);
    }
    expect(paths).toEqual(
      expect.arrayContaining(["LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "package.json"]),
    );
    expect(paths).toEqual(
      expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "dist/cli/main.js", "dist/app/index.html"]),
    );
  });

  it("holds nothing else", () => {
    const allowed =
      /^(dist\/.*\.(js|d\.ts)|dist\/app\/(index\.html|assets\/[\w.-]+\.(css|svg))|models\/pocket-llava\/.*|docs\/(install|hub)\.md|LICENSE|NOTICE|README\.md|CHANGELOG\.md|package\.json)$/;
    expect(packed.map(({ path }) => path).filter((path) => !allowed.test(path))).toEqual([]);
    expect(
      packed.map(({ path }) => path).filter((path) => /\/checkpoint\/|\.safetensors$/.test(path)),
    ).toEqual([]);
  });

  it("stays small enough to be installed in passing", () => {
    const megabytes = packed.reduce((total, { size }) => total + size, 0) / 1e6;
    expect(megabytes).toBeLessThan(15); // 10.4 of them the bundled model
    expect(statSync(join(root, "LICENSE")).size).toBeGreaterThan(11_000);
  });
});
