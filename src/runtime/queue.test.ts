import { describe, expect, it } from "vitest";
import { Queue } from "./queue.js";

const settled = (result: Promise<unknown>) => result.catch((error) => (error as Error).message);

describe("a queue", () => {
  it("carries tasks out one after another, in their order, whatever becomes of them", async () => {
    const queue = new Queue();
    const seen: string[] = [];
    const task =
      (name: string, fail = false) =>
      async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(`${name} ends`);
        if (fail) throw new Error(name);
        return name;
      };
    const results = [queue.add(task("a")), queue.add(task("b", true)), queue.add(task("c"))];
    expect(await Promise.all(results.map(settled))).toEqual(["a", "b", "c"]);
    expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("takes a waiting task back at once, and finishes one that has begun", async () => {
    const queue = new Queue();
    const controller = new AbortController();
    const begun: string[] = [];
    let finish = () => {};
    const first = queue.add(async () => {
      begun.push("first");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return "done";
    }, controller.signal);
    const second = queue.add(async () => void begun.push("second"), controller.signal);
    const third = queue.add(async () => void begun.push("third"));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone"); // while the first one is still under way
    finish();
    expect(await first).toBe("done");
    await third;
    expect(begun).toEqual(["first", "third"]);
    await expect(queue.add(async () => "late", controller.signal)).rejects.toThrow("gone");
  });
});
