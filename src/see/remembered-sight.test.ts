import { describe, expect, it, vi } from "vitest";
import type { GraphReduction } from "../reduce/graph-program.js";
import type { TowerInput, VisionWish } from "../runtime/engine.js";
import { RememberedSight } from "./remembered-sight.js";
import type { SeeingEngine } from "./see-region.js";

const matrix = (rows: number) => ({ rows, columns: 1, data: new Float32Array(rows) });
const view: TowerInput = { data: new Float32Array(3), height: 1, width: 1 };

/** Gives what was asked for, as an engine does. */
function engine() {
  const see = vi.fn(async (_: TowerInput, __: GraphReduction, want: VisionWish = {}) => ({
    ...{ features: matrix(4), keptPatches: Int32Array.of(0), milliseconds: 40 },
    ...(want.patches === true && { patches: matrix(4) }),
    ...(want.newline === true && { newline: new Float32Array(1) }),
    ...(want.layers?.includes(-1) && { lastLayer: { keys: matrix(5), queries: matrix(1) } }),
    ...(want.layers?.includes(-2) && { layers: { [-2]: { keys: matrix(5), queries: matrix(5) } } }),
  }));
  const under: SeeingEngine = { vision: { kind: "reduces" } as never, project: vi.fn(), see };
  return { see, remembered: new RememberedSight().over(under) };
}

describe("a remembered sight", () => {
  it("runs once for what the first run gave, and says what it took then", async () => {
    const { see, remembered } = engine();
    const first = await remembered.see(view, "identity", { patches: true, layers: [-1] });
    const again = await remembered.see(view, "identity", { patches: true });
    expect(see).toHaveBeenCalledTimes(1);
    expect(first).toMatchObject({ milliseconds: 40, lastLayer: {} });
    expect(first.remembered).toBeUndefined();
    expect(again).toMatchObject({ milliseconds: 40, remembered: true });
    expect(again.patches).toBe(first.patches);
  });

  it("hands out only what was asked for", async () => {
    const { remembered } = engine();
    await remembered.see(view, "identity", { patches: true, layers: [-1, -2], newline: true });
    const less = await remembered.see(view, "identity", { layers: [-2] });
    expect(Object.keys(less).sort()).toEqual([
      "features",
      "keptPatches",
      "layers",
      "milliseconds",
      "remembered",
    ]);
    expect(Object.keys(less.layers!)).toEqual(["-2"]);
  });

  it("runs again for more, with all that was asked for so far", async () => {
    const { see, remembered } = engine();
    await remembered.see(view, "identity", { patches: true, layers: [-1] });
    await remembered.see(view, "identity", { layers: [-2] });
    const whole = await remembered.see(view, "identity", { patches: true, layers: [-1, -2] });
    expect(see).toHaveBeenCalledTimes(2);
    expect(see.mock.calls[1]![2]).toEqual({ patches: true, layers: [-1, -2] });
    expect(whole.remembered).toBe(true);
  });

  it("keeps views and programs apart, and few of them", async () => {
    const { see, remembered } = engine();
    const program = (kept: number) => ({ name: "prumerge", settings: { kept } });
    await remembered.see(view, "identity");
    await remembered.see({ ...view, data: view.data.slice() }, "identity");
    expect(see).toHaveBeenCalledTimes(2);
    for (const kept of [1, 2, 2]) await remembered.see(view, program(kept));
    expect(see).toHaveBeenCalledTimes(4);
    await remembered.see(view, program(3));
    await remembered.see(view, program(2));
    expect(see).toHaveBeenCalledTimes(5);
    await remembered.see(view, program(1)); // three later ones took its place
    expect(see).toHaveBeenCalledTimes(6);
  });

  it("keeps runs apart that were fed otherwise beside the same pixels", async () => {
    const { see, remembered } = engine();
    const fed = (...places: number[]): TowerInput => ({
      ...view,
      feeds: { patch_positions: { data: Int32Array.from(places), dims: [places.length], type: "int64" } },
    });
    await remembered.see(fed(0, 1), "identity");
    await remembered.see(fed(0, 2), "identity");
    await remembered.see(fed(0, 1), "identity");
    expect(see).toHaveBeenCalledTimes(2);
  });

  it("keeps no run that failed, and passes on what it cannot know beforehand", async () => {
    const { see, remembered } = engine();
    see.mockRejectedValueOnce(new Error("no"));
    await expect(remembered.see(view, "identity")).rejects.toThrow("no");
    await remembered.see(view, "identity");
    await remembered.see(view, "identity", { everyLayer: true });
    await remembered.see(view, "identity", { everyLayer: true });
    expect(see).toHaveBeenCalledTimes(4);
  });
});
