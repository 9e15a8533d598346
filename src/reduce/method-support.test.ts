import { describe, expect, it } from "vitest";
import type { Method } from "./method.js";
import { methodSupport } from "./method-support.js";
import { pruMerge } from "./methods/prumerge.js";
import { findMethod, methods } from "./registry.js";

const supports = (vision: Parameters<typeof methodSupport>[1]) =>
  Object.fromEntries(methods.map((method) => [method.name, methodSupport(method, vision, 576)]));

describe("how a model runs a method", () => {
  it("runs in its vision graph what that graph knows, and plans the others", () => {
    expect(supports("reduces")).toMatchObject({
      prumerge: "in-graph",
      "prumerge+": "in-graph",
      none: "in-graph",
      cover: "in-graph",
      uniform: "planner",
    });
    // A folder of an earlier version.
    const support = (name: string) => methodSupport(findMethod(name), "reduces", 576, ["prumerge"]);
    expect(["prumerge", "cover", "none"].map(support)).toEqual(["in-graph", "planner", "in-graph"]);
  });

  it("runs only what reads no layer of the tower where the graph only encodes, and nothing where a reduction is built in", () => {
    const encodes = supports("encodes");
    expect(encodes).toMatchObject({
      cover: "planner",
      divprune: "planner",
      uniform: "planner",
      none: "in-graph",
    });
    for (const name of ["prumerge", "prumerge+", "selection", "scope", "visionzip", "tome"])
      expect([name, encodes[name]]).toEqual([name, "no"]);
    // Of a method that says nothing the last layer is read.
    const silent = { ...findMethod("none"), create: () => ({ ...pruMerge(), method: "own" }) };
    expect(methodSupport(silent, "encodes", 576)).toBe("no");
    expect(Object.values(supports("baked"))).toEqual(methods.map(() => "no"));
  });

  it("asks the reducer of its default options, with room for one view, however few its patches", () => {
    const none = findMethod("none");
    const rooms: unknown[] = [];
    const own: Method = {
      ...none,
      name: "own",
      budgets: ["share"],
      defaultBudget: { kind: "share", ratio: 0.25 },
      create: (options, budget) => ({
        ...none.create(options, none.defaultBudget),
        budget: budget!,
        inGraph: (patches, room) => void rooms.push([patches, room]),
      }),
    };
    expect(methodSupport(own, "reduces", 100)).toBe("planner");
    expect(rooms).toEqual([[100, { exact: true, count: 100 }]]);
    methodSupport({ ...own, defaultBudget: { kind: "rule" } }, "reduces", 100);
    expect(rooms[1]).toEqual([100, { exact: false, count: 100 }]);
    for (const method of methods) expect(() => methodSupport(method, "reduces", 1)).not.toThrow();
  });
});
