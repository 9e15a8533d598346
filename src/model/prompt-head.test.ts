import { readdirSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { pruMergePlus } from "../reduce/index.js";
import { samplePath } from "./find-folder.js";
import { loadModel } from "./load-model.js";

const model = await loadModel();
afterAll(() => model.dispose());

const system =
  "A chat between a curious human and a helpful assistant, who says what is in pictures of shapes.";
const pictures = readdirSync(samplePath(""))
  .filter((name) => name.endsWith(".png"))
  .slice(0, 5);

describe("prompts about new pictures behind one system prompt", () => {
  it("compute the system prompt once, and say what they say alone", async () => {
    const reused: number[] = [];
    for (const name of pictures) {
      const seen = await model.see(samplePath(name), pruMergePlus({ tokens: 32 }));
      const ask = (reusePrefix: boolean) =>
        model.answer(
          seen,
          [
            { role: "system", content: system },
            { role: "user", content: [{ type: "image" }, { type: "text", text: "Describe the image." }] },
          ],
          { maxNewTokens: 12, reusePrefix, keepLogits: true },
        ).result;
      const [alone, shared] = [await ask(false), await ask(true)];
      expect(shared.tokenIds).toEqual(alone.tokenIds);
      // The bundled model's matrices are q8, whose products round by how many rows they have.
      const apart = shared.logits!.map((row, at) =>
        Math.max(...row.map((value, id) => Math.abs(value - alone.logits![at]![id]!))),
      );
      expect(Math.max(...apart)).toBeLessThan(0.1);
      expect(alone.reusedTokens).toBe(0);
      reused.push(shared.reusedTokens);
      // What is kept of the pictures goes with them; the words stay.
      await model.forget(seen);
    }
    expect(reused[0]).toBe(0);
    expect(new Set(reused.slice(1)).size).toBe(1);
    expect(reused[1]).toBeGreaterThan(15);
    expect(model.prefixMemory.prompts).toBe(1);
  });
});
