import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { PrumergeError } from "../../errors.js";
import { findMethod, type Method, methods } from "../../reduce/index.js";

/** A method of a user's own module. */
export interface OwnMethod {
  readonly method: Method;
  /** The file that exports it, and the hash of that file: answers of a method that was changed are others. */
  readonly module: { readonly path: string; readonly sha256: string };
}

/** Methods by name: the registry's, and a command's own. */
export type MethodFinder = (name: string) => Method;

const budget = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exact"), rows: z.int().positive() }),
  z.strictObject({ kind: z.literal("share"), ratio: z.number().positive().max(1) }),
  z.strictObject({ kind: z.literal("cap"), rows: z.int().positive() }),
  z.strictObject({ kind: z.literal("rule") }),
  z.strictObject({ kind: z.literal("all") }),
]);

const methodSchema = z.object({
  /** Names files, too. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "lower-case letters, digits, dots and hyphens"),
  budgets: z.array(z.enum(["exact", "share", "cap", "rule", "all"])).min(1),
  defaultBudget: budget,
  seeded: z.boolean().optional(),
  baseline: z.boolean().optional(),
  create: z.custom<Method["create"]>((value) => typeof value === "function", "a function"),
});

/** Whether a word names a module and no method: a path, or a `file:` URL. */
export function isModule(word: string): boolean {
  return /^(\.{0,2}\/|[A-Za-z]:[\\/]|\.{1,2}\\|file:)/.test(word) || /\.[cm]?[jt]s$/.test(word);
}

/**
 * Loads the methods that a JavaScript module exports, by default or by name: objects with `name`, `budgets`, `defaultBudget` and
 * `create`, as `Method` of `prumerge/reduce`. The module runs in this process with all its rights, as any program does.
 *
 * @param word a path, relative to the working directory, or a `file:` URL
 * @throws PrumergeError NOT_FOUND; INVALID_OPTION for a module that cannot be loaded or exports no method, or one of a name that
 * there is already
 */
export async function loadOwnMethods(word: string): Promise<readonly OwnMethod[]> {
  const path = word.startsWith("file:") ? fileURLToPath(word) : resolve(word);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "the module of a method cannot be read", { where: path, cause });
  });
  if (![".js", ".mjs"].includes(extname(path))) {
    throw new PrumergeError("INVALID_OPTION", "not a module that Node loads", {
      where: path,
      expected: "a JavaScript module, .js or .mjs",
      found: extname(path) || "no ending",
      ...(/ts$/.test(path) && { help: "Compile it first, with tsc or esbuild" }),
    });
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const module = await import(`${pathToFileURL(path).href}?${sha256}`).catch((cause: unknown) => {
    throw new PrumergeError("INVALID_OPTION", "the module of a method cannot be loaded", {
      where: path,
      found: cause instanceof Error ? cause.message : String(cause),
      help: "In its folder `npm install prumerge` makes prumerge/reduce known",
      cause,
    });
  });
  const exported = [...new Set(Object.values(module as object))].filter(looksLikeMethod);
  if (exported.length === 0) {
    throw new PrumergeError("INVALID_OPTION", "the module exports no method", {
      where: path,
      expected: "an object with name, budgets, defaultBudget and create",
      found: Object.keys(module as object).join(", ") || "no export",
      help: "docs/adding-a-method.md has an example",
    });
  }
  return exported.map((value) => ({ method: checkMethod(value, path), module: { path, sha256 } }));
}

/** The registry's methods, and own ones beside them. @throws PrumergeError UNKNOWN_METHOD with the nearest name */
export function methodFinder(own: readonly OwnMethod[]): MethodFinder {
  const byName = new Map(own.map(({ method }) => [method.name, method]));
  return (name) => byName.get(name) ?? findMethod(name);
}

function looksLikeMethod(value: unknown): boolean {
  return typeof value === "object" && value !== null && "create" in value && "name" in value;
}

function checkMethod(value: unknown, where: string): Method {
  const parsed = methodSchema.safeParse(value);
  const method = value as Method;
  if (!parsed.success) {
    throw new PrumergeError("INVALID_OPTION", "the module exports a method that is none", {
      where,
      expected: "Method of prumerge/reduce: name, budgets, defaultBudget, create",
      found: z.prettifyError(parsed.error),
    });
  }
  if (!method.budgets.includes(method.defaultBudget.kind)) {
    throw new PrumergeError("INVALID_OPTION", "a method's default budget is none that it takes", {
      where,
      expected: method.budgets.join(", "),
      found: method.defaultBudget.kind,
    });
  }
  const taken = methods.find(({ name, alias }) => name === method.name || alias === method.name);
  if (taken === undefined) return method;
  throw new PrumergeError("INVALID_OPTION", "a method of the module has the name of another", {
    where,
    expected: "a name of its own",
    found: method.name,
  });
}
