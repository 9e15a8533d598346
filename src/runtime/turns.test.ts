import { describe, expect, it } from "vitest";
import { PrumergeError } from "../errors.js";
import { toPlainError } from "../plain-error.js";
import type { StepCall } from "./sides.js";
import { Turns } from "./turns.js";

const later = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Turns over an engine that takes its time, and what ran, in its order. */
function toyTurns(milliseconds = 1) {
  const ran: string[] = [];
  const turns = new Turns(async (steps: readonly StepCall[]) => {
    ran.push(steps.map(({ cache }) => cache).join("+"));
    await later(milliseconds);
    return steps.map(({ id }) =>
      id < 0
        ? { error: toPlainError(new PrumergeError("RUNTIME", `no token ${id}`)) }
        : { run: { logits: Float32Array.of(id), milliseconds: 1 } },
    );
  });
  const step = (cache: number, id = 1, signal?: AbortSignal) => turns.step({ cache, id, places: {} }, signal);
  const answer = async (cache: number, tokens: number) => {
    for (let token = 0; token < tokens; token++) await step(cache, token);
  };
  const job = (name: string, runs: number, signal?: AbortSignal, likely?: number) => {
    let done = 0;
    return turns.addAll(
      async () => {
        ran.push(name);
        await later();
        return ++done === runs ? { value: name } : undefined;
      },
      () => likely,
      signal,
    );
  };
  return { turns, ran, step, answer, job };
}

describe("turns", () => {
  it("run the steps of all answers under way together, however they began", async () => {
    const { ran, answer } = toyTurns();
    const first = answer(1, 8);
    await later();
    await Promise.all([first, answer(2, 3), answer(3, 5)]);
    expect(ran.slice(0, 6)).toEqual(["1", ...Array(3).fill("1+2+3"), "1+3", "1+3"]);
    expect(ran.slice(6).every((one) => one === "1")).toBe(true);
  });

  it("have a step between two runs of other work, and the one that came first ends first", async () => {
    const { ran, answer, job } = toyTurns();
    const stream = answer(1, 12);
    await later(3);
    const from = ran.length;
    await Promise.all([job("a", 3), job("b", 2), stream]);
    const after = ran.slice(from);
    expect(after.filter((one) => one !== "1")).toEqual(["a", "a", "a", "b", "b"]);
    for (const [at, one] of after.entries()) if (one !== "1") expect(after[at + 1]).toBe("1");
  });

  it("let short work follow each other within the time of two steps", async () => {
    const { ran, answer, job } = toyTurns(40);
    const stream = answer(1, 3);
    await later(50);
    await Promise.all([...["a", "b", "c"].map((name) => job(name, 1, undefined, 5)), stream]);
    expect(ran.join(" ")).toMatch(/a b c/);
    expect(ran.join(" ")).toMatch(/c 1$/);
  });

  it("leave other work alone where no answer is under way", async () => {
    const { ran, turns, job } = toyTurns();
    expect(turns.budget).toBeUndefined();
    await Promise.all([job("a", 2), turns.add(async () => ran.push("see")), job("b", 1)]);
    expect(ran).toEqual(["a", "a", "see", "b"]);
  });

  it("give a failure to whose it is, and go on", async () => {
    const { turns, step, answer } = toyTurns();
    const results = await Promise.allSettled([
      step(1, -5),
      answer(2, 4),
      turns.add(() => Promise.reject(new Error("no picture"))),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
    await expect(step(1, -5)).rejects.toMatchObject({ code: "RUNTIME", message: /no token -5/ });
    const broken = new Turns(() => Promise.reject(new Error("the worker died")));
    const both = [1, 2].map((cache) => broken.step({ cache, id: 1, places: {} }));
    for (const one of both) await expect(one).rejects.toThrow("the worker died");
    expect(await broken.add(async () => "still")).toBe("still");
  });

  it("are given back by a signal while they are waited for, and finished once begun", async () => {
    const { ran, step, answer, job } = toyTurns();
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const [begun, waiting, working, queued] = controllers.map(({ signal }) => signal);
    const outcomes = [step(1, 1, begun), step(2, 1, waiting), job("a", 9, working), job("b", 1, queued)];
    const settled = Promise.allSettled([...outcomes, answer(3, 3)]);
    for (const controller of controllers) controller.abort(new Error("left"));
    const statuses = (await settled).map(({ status }) => status);
    expect(statuses).toEqual(["fulfilled", "rejected", "rejected", "rejected", "fulfilled"]);
    expect(ran.join(" ")).not.toMatch(/2|b/);
    await expect(step(1, 1, begun)).rejects.toThrow("left");
    await expect(job("c", 1, begun)).rejects.toThrow("left");
  });
});
