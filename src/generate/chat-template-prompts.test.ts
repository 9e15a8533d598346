import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ChatTemplate } from "./chat-template.js";
import { strftime } from "./jinja/globals.js";
import { PythonTemplate } from "./jinja/template.js";
import type { PartedMessage } from "./messages.js";

interface Recorded {
  readonly name: string;
  readonly chat: string;
  readonly template: string;
  readonly prompt?: string;
  readonly error?: string;
}
const path = new URL("../../test/fixtures/small-files/prompts.json", import.meta.url);
const { named, chats, prompts, forms } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly named: Readonly<Record<string, string>>;
  readonly chats: Readonly<Record<string, unknown>>;
  readonly prompts: readonly Recorded[];
  readonly forms: readonly Omit<Recorded, "chat">[];
};

/** What is refused although jinja2 renders it: said in an error, never rendered otherwise. */
const refused: readonly string[] = [
  "plus signs",
  "raw",
  "with",
  "chained comparisons",
  "tests with arguments",
  "partition",
  "formats",
  "format",
  "escaped HTML",
  "batch, groupby",
  "rounding",
  "arguments of filters",
  "arguments of dictsort",
  "arguments of max",
  "arguments of texts' methods",
  "int with a base",
];

const render = ({ template, chat }: Recorded) =>
  new PythonTemplate(template).render({
    messages: chats[chat],
    tools: null,
    documents: null,
    add_generation_prompt: true,
    ...named,
  });

describe("templates as transformers renders them", () => {
  it.each(prompts.map((one) => [`${one.name}, ${one.chat}`, one] as const))("%s", (_, one) => {
    if (one.prompt === undefined || refused.includes(one.name)) expect(() => render(one)).toThrow();
    else expect(render(one)).toBe(one.prompt);
  });
});

describe("templates that know parts of some roles alone", () => {
  it.each(forms.map((one) => [one.name, one] as const))("%s", (_, { template, prompt }) => {
    const rendered = () =>
      new ChatTemplate(template, named, "<image>").render(chats.turns as PartedMessage[]);
    if (prompt === undefined) expect(rendered).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    else expect(rendered()).toBe(prompt);
  });
});

it("writes dates as Python does", () => {
  const date = new Date(2024, 1, 5, 13, 7, 9);
  expect(strftime(date, "%d %b %Y|%-d %B %y|%A %a|%H:%M:%S|%I %p|%j|%e|%F %T|%%")).toBe(
    "05 Feb 2024|5 February 24|Monday Mon|13:07:09|01 PM|036| 5|2024-02-05 13:07:09|%",
  );
  expect(() => strftime(date, "%Q")).toThrow("%Q");
});
