import { describe, expect, it } from "vitest";
import { TextQueue } from "./text-queue.js";
import { TrimmedText } from "./trimmed-text.js";

describe("TextQueue", () => {
  it("hands text on in order, before and after its reader came", async () => {
    const queue = new TextQueue(() => undefined);
    queue.push("a");
    queue.push("");
    const read = (async () => {
      const all: string[] = [];
      for await (const text of queue) all.push(text);
      return all;
    })();
    await Promise.resolve();
    queue.push("b");
    await new Promise((resolve) => setImmediate(resolve));
    queue.push("c");
    queue.end();
    expect(await read).toEqual(["a", "b", "c"]);
  });

  it("fails after the text that came before", async () => {
    const queue = new TextQueue(() => undefined);
    queue.push("a");
    queue.fail(new Error("broken"));
    const texts = queue[Symbol.asyncIterator]();
    expect(await texts.next()).toEqual({ value: "a", done: false });
    await expect(texts.next()).rejects.toThrow("broken");
  });

  it("cancels when its reader leaves early, and only then", async () => {
    let cancelled = 0;
    const early = new TextQueue(() => cancelled++);
    early.push("a");
    for await (const _ of early) break;
    expect(cancelled).toBe(1);
    const late = new TextQueue(() => cancelled++);
    late.push("a");
    late.end();
    for await (const _ of late);
    expect(cancelled).toBe(1);
  });
});

describe("TrimmedText", () => {
  it("drops white space at both ends of the whole, and none within", () => {
    const trimmed = new TrimmedText();
    const pieces = [" ", "\n a", "  ", "b ", "", "c", " \n"].map((piece) => trimmed.push(piece));
    expect(pieces.join("")).toBe("a  b c");
    expect(pieces[1]).toBe("a");
  });
});
