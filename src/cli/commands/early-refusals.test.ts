import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { aspects } from "../../image/preprocess-spec.js";
import { samplePath } from "../../model/find-folder.js";
import { askCommand } from "./ask.js";
import { chatCommand } from "./chat.js";
import { encodeCommand } from "./encode.js";
import { inspectCommand } from "./inspect.js";

const picture = samplePath("sample_1.png");
// Finding this model fails too, so that what is said first was looked at first.
const model = ["--model", "/no/such/model"];

const commands: readonly (readonly [string, () => Command, (path: string) => string[]])[] = [
  ["ask", askCommand, (path) => [path, "What is it?"]],
  ["inspect", inspectCommand, (path) => [path]],
  ["encode", encodeCommand, (path) => [path, "-o", "never.npy"]],
  ["chat", chatCommand, (path) => [path]],
];

describe.each(commands)("prumerge %s, before it looks for a model", (_, create, words) => {
  const run = (path: string, ...more: string[]) =>
    create().parseAsync([...words(path), ...model, ...more], { from: "user" });

  it("refuses a method that there is not", async () => {
    await expect(run(picture, "--method", "prumrge")).rejects.toMatchObject({ code: "UNKNOWN_METHOD" });
    await expect(
      run("/no/such/picture.png", "--method", "random", "--visual-tokens", "adaptive"),
    ).rejects.toThrow(/expected a count, or a share, found adaptive/);
  });

  it("refuses a picture that is not there", async () => {
    await expect(run("/no/such/picture.png")).rejects.toThrow(/picture\.png: no such picture/);
  });

  it("looks for the model then", async () => {
    await expect(run(picture)).rejects.toThrow(/no\/such\/model/);
    for (const aspect of aspects)
      await expect(run(picture, "--image-aspect", aspect)).rejects.toThrow(/no\/such\/model/);
  });
});

it.each([
  ["--method", "prumerge"],
  ["--visual-tokens", "64"],
  ["--option", "sizeBias=true"],
  ["--image-aspect", "pad"],
  ["--compare"],
])("prumerge ask takes no %s %s where there is no picture", async (...option) => {
  const asked = askCommand().parseAsync(["Who are you?", ...model, ...option], { from: "user" });
  await expect(asked).rejects.toThrow(`${option[0]}: there is no picture that this could be said of`);
});

it("prumerge chat takes no picture from where its questions come", async () => {
  const asked = chatCommand().parseAsync(["-", ...model], { from: "user" });
  await expect(asked).rejects.toMatchObject({ code: "INVALID_OPTION" });
  await expect(asked).rejects.toThrow(/^-: standard input holds the questions/);
});
