import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { fileExists, type Json, readOptionalJson, readTextFile } from "./json-file.js";
import { type Note, noNote } from "./note.js";

/** Folder of a model's further templates, one file each. */
const furtherFolder = "additional_chat_templates";

/** A place where a chat template can stand: its name, and what stands there. */
type Place = readonly [name: string, value: unknown];

/**
 * A folder's chat template, from the first of: `processor_config.json`, `chat_template.json`, `chat_template.jinja`,
 * `additional_chat_templates/default.jinja`, `tokenizer_config.json`. Where several are named, it is the one named
 * default. Source: transformers 5.23 `ProcessorMixin.get_processor_dict`, then the tokenizer's own.
 *
 * @returns `undefined` where none has one.
 * @throws PrumergeError `INVALID_FILE` for several without a default, and for what is no template
 */
export async function readChatTemplate(
  folder: string,
  tokenizerConfig: Json,
  note: Note = noNote,
): Promise<string | undefined> {
  const [processor, legacy, jinja, further] = await Promise.all([
    readOptionalJson(join(folder, "processor_config.json")),
    readOptionalJson(join(folder, "chat_template.json")),
    readOptionalText(join(folder, "chat_template.jinja")),
    readFurther(join(folder, furtherFolder)),
  ]);
  const places: readonly Place[] = [
    ["processor_config.json", processor?.chat_template],
    ["chat_template.json", legacy?.chat_template],
    // Beside chat_template.jinja the others are further ones; alone, one of them has to be the default.
    ["chat_template.jinja", jinja || undefined],
    [furtherFolder, jinja ? undefined : further],
    ["tokenizer_config.json", tokenizerConfig.chat_template],
  ];
  const [first, ...rest] = places.filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  if (first === undefined) return undefined;
  const template = defaultTemplate(first, folder);
  const others = rest.filter((place) => differs(place, template)).map(([name]) => name);
  if (others.length > 0)
    note(`The chat template is that of ${first[0]}; ${others.join(" and ")} would give another.`);
  return template;
}

/** A template, or the one named default of a map or a list of named ones. */
function defaultTemplate([name, value]: Place, folder: string): string {
  if (typeof value === "string") return value;
  const named = namedTemplates(value);
  const byDefault = named?.get("default");
  if (typeof byDefault === "string") return byDefault;
  throw new PrumergeError("INVALID_FILE", "bad chat_template", {
    where: join(folder, name),
    expected: "a string, or a map or list of templates with one named default",
    ...(named !== undefined && { found: `templates named ${[...named.keys()].join(", ") || "nothing"}` }),
  });
}

function namedTemplates(value: unknown): Map<unknown, unknown> | undefined {
  if (Array.isArray(value)) return new Map(value.map((entry) => [entry?.name, entry?.template]));
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function differs([, value]: Place, template: string): boolean {
  const other = typeof value === "string" ? value : namedTemplates(value)?.get("default");
  return typeof other === "string" && other.trim() !== template.trim();
}

async function readOptionalText(path: string): Promise<string | undefined> {
  return (await fileExists(path)) ? readTextFile(path) : undefined;
}

/** The templates of a folder by name, of which only the default is read; `undefined` where there are none. */
async function readFurther(folder: string): Promise<Json | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  const templates = names
    .filter((name) => name.endsWith(".jinja"))
    .map((name) => name.slice(0, -".jinja".length));
  if (templates.length === 0) return undefined;
  const text = await readOptionalText(join(folder, "default.jinja"));
  return {
    ...Object.fromEntries(templates.map((name) => [name, undefined])),
    ...(text !== undefined && { default: text }),
  };
}
