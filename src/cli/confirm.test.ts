import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { confirm } from "./confirm.js";

function terminal() {
  const [input, output] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true, columns: 80 })];
  output.resume();
  return { input, output };
}

it.each([
  ["y\n", true],
  ["Yes\n", true],
  ["n\n", false],
  ["\n", false],
  ["yesterday\n", false],
  ["\u0004", false], // Ctrl-D
])("takes %j for %j", async (typed, agreed) => {
  const { input, output } = terminal();
  const asked = confirm("Convert it now? [y/N] ", new AbortController().signal, { input, output });
  input.write(typed);
  expect(await asked).toBe(agreed);
});

it("takes the end of the input for no", async () => {
  const { input, output } = terminal();
  const asked = confirm("? ", new AbortController().signal, { input, output });
  input.end();
  expect(await asked).toBe(false);
});

it("ends with the signal", async () => {
  const { input, output } = terminal();
  const controller = new AbortController();
  const asked = confirm("? ", controller.signal, { input, output });
  const reason = new Error("interrupted");
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});
