import { InvalidArgumentError, Option } from "commander";

/** Options of a method as they are said on a command line. */
export type MethodOptions = Readonly<Record<string, string | number | boolean>>;

/** `--option NAME=VALUE`, several times. */
export function methodOption(description: string): Option {
  return new Option("--option <name=value>", description).argParser(parseMethodOption);
}

function parseMethodOption(value: string, earlier: MethodOptions = {}): MethodOptions {
  const [, name, text] = /^([^=]+)=(.+)$/.exec(value) ?? [];
  if (name === undefined || text === undefined) throw new InvalidArgumentError("Expected NAME=VALUE.");
  const number = Number(text);
  const read =
    text === "true" || text === "false" ? text === "true" : Number.isFinite(number) ? number : text;
  return { ...earlier, [name]: read };
}
