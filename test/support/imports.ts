import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";

/** One `import`, `export ... from`, `import()` or `new URL(..., import.meta.url)` of a source file. */
export interface Import {
  /** File that imports, relative to the folder that was read, `/` between its parts. */
  readonly file: string;
  /** As written. */
  readonly specifier: string;
  /** Relative specifiers only: the file imported, relative to the same folder. */
  readonly target?: string;
  /** `type`: leaves nothing in the built file; `late`: carried out when the program comes to it, if ever. */
  readonly kind: "static" | "type" | "late";
}

/** All imports of the files below a folder whose names match. */
export function readImports(folder: string, names: RegExp): Import[] {
  return listFiles(folder)
    .filter((file) => names.test(file))
    .flatMap((file) => importsOf(file, readFileSync(join(folder, file), "utf8")));
}

/**
 * Circles among files that import each other, whatever kind of import closes them: each as the files on its way round,
 * the first once more at the end. At most one for each import that leads back.
 */
export function findCircles(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (target !== undefined)
      targets.set(file, [...(targets.get(file) ?? []), target.replace(/\.js$/, ".ts")]);
  }
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}

/** Files below a folder, relative to it, `/` between their parts, in alphabetical order. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath.slice(folder.length).replaceAll("\\", "/"), entry.name))
    .map((file) => file.replace(/^\//, ""))
    .sort();
}

const statement = /^\s*(?:import|export)\s+(type\s)?(?:[\w*{}$\s,]*?\sfrom\s+)?"([^"]+)"/gm;
const call = /\b(?:import|new URL)\(\s*"([^"]+)"/g;

function importsOf(file: string, source: string): Import[] {
  const text = withoutComments(source);
  const toImport = (specifier: string, kind: Import["kind"]): Import => ({
    file,
    specifier,
    kind,
    ...(specifier.startsWith(".") && { target: posix.join(dirname(file), specifier) }),
  });
  return [
    ...[...text.matchAll(statement)].map((match) =>
      toImport(match[2]!, match[1] === undefined ? "static" : "type"),
    ),
    ...[...text.matchAll(call)].map((match) => toImport(match[1]!, "late")),
  ];
}

// Examples in TSDoc import the package too.
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}
