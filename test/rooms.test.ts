import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { findCircles, type Import, readImports } from "./support/imports.js";

const source = fileURLToPath(new URL("../src", import.meta.url));

const freeForAll = [
  "errors.js",
  "is-alive.js",
  "or-aborted.js",
  "plain-error.js",
  "version.js",
  "write-error.js",
];

/** Rooms that each room may import from, besides what is free for all. A new edge is a decision: docs/decisions/0002. */
const doors: Readonly<Record<string, readonly string[]>> = {
  api: [],
  tensor: [],
  image: [],
  video: ["image"],
  reduce: ["tensor"],
  view: ["reduce", "tensor", "image"],
  onnx: ["tensor"],
  models: ["image", "tensor"],
  hub: ["models", "families"],
  graphs: ["onnx", "models", "tensor"],
  families: ["graphs", "onnx", "models", "reduce", "video", "image", "tensor"],
  folder: ["families", "models", "image"],
  convert: ["folder", "families", "graphs", "onnx", "models", "image", "tensor"],
  runtime: ["graphs", "models", "tensor"],
  cost: ["view"],
  see: ["video", "runtime", "families", "reduce", "models", "image", "tensor"],
  generate: ["see", "runtime", "models", "tensor"],
  model: ["video", "generate", "see", "runtime", "folder", "families", "reduce", "models", "image", "hub"],
  browser: [
    "video",
    "model",
    "generate",
    "see",
    "folder",
    "families",
    "runtime",
    "graphs",
    "reduce",
    "models",
    "image",
  ],
  ai: ["serve", "model", "generate", "see", "reduce"],
  serve: ["video", "model", "families", "generate", "see", "view", "reduce", "models", "image", "tensor"],
  eval: ["video", "model", "generate", "see", "view", "models", "reduce", "image", "tensor"],
};

/** Contracts that are types alone: nothing of them is left in the built files. */
const typeDoors: Readonly<Record<string, readonly string[]>> = {
  graphs: ["reduce"],
  runtime: ["reduce"],
};

/** Single files of another room: locks. */
const fileDoors: Readonly<Record<string, readonly string[]>> = {
  eval: ["hub/lock.js"],
};

/** Rooms that run wherever JavaScript runs, but for the files named: no package, no Node built-in. */
const portable: Readonly<Record<string, readonly string[]>> = {
  tensor: ["tensor/file-source.ts"],
  reduce: [],
};

/** What browsers load, and the packages that it may bring along. */
const browserEntries = ["browser/index.ts", "browser/worker.ts", "view/drawing.ts"];
const browserPackages = [
  "@huggingface/jinja",
  "@huggingface/tokenizers",
  "mediabunny",
  "onnxruntime-web/wasm",
  "onnxruntime-web/webgpu",
  "zod",
];

const imports = readImports(source, /(?<!\.test)\.ts$/).filter(({ file }) => !file.endsWith("_pb.ts"));
const room = (path: string) => (path.includes("/") ? path.split("/")[0]! : path);

describe("rooms", () => {
  it("are all known here", () => {
    const found = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(found.map(({ name }) => name).sort()).toEqual([...Object.keys(doors), "cli"].sort());
  });

  it("import only from where they may", () => {
    expect(imports.length).toBeGreaterThan(200);
    const offences = imports.filter(({ file, target, kind }) => {
      if (target === undefined || !file.includes("/")) return false;
      const [from, to] = [room(file), room(target)];
      if (from === to || from === "cli" || freeForAll.includes(to) || fileDoors[from]?.includes(target))
        return false;
      return !doors[from]?.includes(to) && !(kind === "type" && typeDoors[from]?.includes(to));
    });
    expect(offences).toEqual([]);
  });

  it("depend on each other without circles", () => {
    const visit = (name: string, path: readonly string[]): void => {
      expect(path, `${[...path, name].join(" -> ")}`).not.toContain(name);
      for (const next of doors[name] ?? []) visit(next, [...path, name]);
    };
    for (const name of Object.keys(doors)) visit(name, []);
  });

  it("have no circles between files either, types included", () => {
    expect(findCircles(imports)).toEqual([]);
    const link = (from: string, to: string, kind: Import["kind"]): Import => ({
      file: `${from}.ts`,
      specifier: `./${to}.js`,
      target: `${to}.js`,
      kind,
    });
    const closed = [link("a", "b", "static"), link("b", "c", "late"), link("c", "b", "type")];
    expect(findCircles(closed)).toEqual([["b.ts", "c.ts", "b.ts"]]);
  });

  it("leave the index to the index: no room imports it, and nothing leaves src", () => {
    const outside = imports.filter(({ target }) => target?.startsWith("..") || target === "index.js");
    expect(outside.filter(({ target }) => target !== "../package.json")).toEqual([]);
  });

  it("stay portable where they promise it", () => {
    const bare = imports.filter(({ file, specifier }) => {
      const exceptions = portable[room(file)];
      return exceptions !== undefined && !exceptions.includes(file) && !specifier.startsWith(".");
    });
    expect(bare).toEqual([]);
  });

  it("give browsers nothing that only Node has, however far it is followed", () => {
    const reached = new Set(browserEntries);
    const packages = new Set<string>();
    for (const file of reached) {
      for (const { specifier, target, kind } of imports.filter((each) => each.file === file)) {
        if (kind === "type") continue;
        if (target === undefined) packages.add(specifier);
        else reached.add(target.replace(/\.js$/, ".ts"));
      }
    }
    expect(reached).toContain("generate/run-answer.ts");
    expect([...packages].sort()).toEqual(browserPackages);
  });

  it("load heavy packages late, where the start of the program would pay for them", () => {
    const heavy = imports.filter(({ specifier }) => specifier === "@huggingface/hub");
    expect(heavy.length).toBeGreaterThan(0);
    expect(heavy.filter(({ file, kind }) => room(file) !== "hub" || kind === "static")).toEqual([]);
  });
});
