import { describe, expect, it } from "vitest";
import { composeEngine } from "./compose-engine.js";
import { type CallName, engineCalls } from "./engine-calls.js";
import { remoteSide } from "./remote-calls.js";

type Call = (...args: readonly unknown[]) => Promise<unknown>;

/** An engine of two remote halves that write down what reaches them. */
function recorded() {
  const reached: (readonly unknown[])[] = [];
  let release = () => {};
  const caller = (half: string) => ({
    async call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
      reached.push([half, method, ...args]);
      if (args[0] === "slow") await new Promise<void>((resolve) => (release = resolve));
      return `${half} ${method}` as Result;
    },
    dispose: async () => void reached.push([half, "dispose"]),
  });
  const engine = composeEngine(
    remoteSide("vision", caller("vision")),
    remoteSide("language", caller("language")),
    { kind: "reduces" },
  );
  const methods = engine as unknown as Readonly<Record<string, Call>>;
  const call = (method: string, ...args: readonly unknown[]) => methods[method]!(...args);
  return { engine, reached, call, release: () => release() };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));
const names = Object.keys(engineCalls) as CallName[];
const waiting = ["see", "project", "embed", "forward"];

describe("an engine of two halves", () => {
  it.each(
    names,
  )("hands %s to the half that has it, with its arguments and without the signal", async (name) => {
    const { call, reached } = recorded();
    const { half, signal } = engineCalls[name];
    const args = ["a", "b", "c"].slice(0, signal ?? 2);
    const { signal: quiet } = new AbortController();
    expect(await call(name, ...args, ...(signal === undefined ? [] : [quiet]))).toBe(`${half} ${name}`);
    expect(reached).toEqual([[half, name, ...args]]);
  });

  it.each(names)("%s waits behind a run of the other half exactly where it is a run", async (name) => {
    const { call, reached, release } = recorded();
    const first = call(engineCalls[name].half === "vision" ? "forward" : "see", "slow");
    await turns();
    const second = call(name, "next");
    await turns();
    expect(reached.length).toBe(waiting.includes(name) ? 1 : 2);
    release();
    await Promise.all([first, second]);
    expect(reached.length).toBe(2);
  });

  it.each(waiting)("takes a waiting %s back by its signal", async (name) => {
    const { call, reached, release } = recorded();
    const first = call("see", "slow");
    await turns();
    const controller = new AbortController();
    const args = ["a", "b", "c"].slice(0, engineCalls[name as "see"].signal);
    const second = call(name, ...args, controller.signal);
    controller.abort(new Error("gone"));
    await expect(second).rejects.toThrow("gone");
    release();
    await first;
    await turns();
    expect(reached.length).toBe(1);
  });

  it("disposes of both halves in its turn", async () => {
    const { engine, call, reached, release } = recorded();
    const first = call("forward", "slow");
    await turns();
    const ended = engine.dispose();
    await turns();
    expect(reached.length).toBe(1);
    release();
    await Promise.all([first, ended]);
    expect(reached.slice(1)).toEqual([
      ["vision", "dispose"],
      ["language", "dispose"],
    ]);
  });
});
