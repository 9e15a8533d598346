import { describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/toy-engine.js";
import { toyContext, toyPicture } from "../../test/support/toy-prompts.js";
import { composeEngine } from "../runtime/compose-engine.js";
import { refuseAborted } from "./aborted.js";
import { startAnswer } from "./answer.js";
import type { AnswerOptions } from "./answer-options.js";

/** The toy's language model behind the engine's queue; `busy` holds the queue until it is let go. */
function queuedToy() {
  const toy = new ToyEngine(() => 1);
  let release = () => {};
  const vision = {
    warm: async () => {},
    see: () => new Promise<never>((_, reject) => (release = () => reject(new Error("let go")))),
    project: () => toy.project(),
    dispose: async () => {},
  };
  const engine = composeEngine(vision, Object.assign(toy, { warm: async () => {} }), {
    kind: "reduces",
  });
  const busy = () => {
    engine.see({ data: new Float32Array(0), height: 0, width: 0 }, "identity").catch(() => undefined);
    return () => release();
  };
  return { toy, engine, busy };
}

const soon = (milliseconds = 5) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("an answer that is aborted while another's run is under way", () => {
  it.each<AnswerOptions>([
    {},
    { reusePrefix: "pictures" },
    { reusePrefix: false },
  ])("ends at once and runs nothing (%o)", async (options) => {
    const { toy, engine, busy } = queuedToy();
    const context = toyContext(engine);
    const letGo = busy();
    const controller = new AbortController();
    const { signal } = controller;
    const answer = startAnswer(context, [toyPicture(3, 0.5)], "what is it ?", { ...options, signal });
    await soon();
    controller.abort();
    const result = await Promise.race([answer.result, soon(2000).then(() => "still waiting")]);
    expect(result).toMatchObject({ finishReason: "aborted", text: "", tokenIds: [] });
    letGo();
    await soon();
    expect(toy.runs).toEqual([]);
    expect([context.prefixes.memory.prompts, toy.caches.size]).toEqual([0, 0]);
  });
});

describe("what is asked for after its signal fired", () => {
  it("is refused with the signal's reason", () => {
    const controller = new AbortController();
    refuseAborted(undefined, "seeing");
    refuseAborted(controller.signal, "seeing");
    controller.abort("no more");
    expect(() => refuseAborted(controller.signal, "seeing")).toThrow(
      expect.objectContaining({ code: "ABORTED", message: "seeing was aborted", cause: "no more" }),
    );
  });
});
