import { expect, it } from "vitest";
import { integerGraphs, multipliesExactly } from "./exact-integers.js";
import { nodeRuntime } from "./ort.js";
import type { OnnxRuntime, OrtTensor, Session } from "./session.js";

/** A runtime whose products come out as `sum`. */
function runtimeOf(sum: number): OnnxRuntime & { opened: number } {
  const session = {
    run: async () => ({ sums: { type: "float32", data: new Float32Array(16).fill(sum) } as OrtTensor }),
    dispose: async () => {
      runtime.opened--;
    },
  } as unknown as Session;
  const runtime = {
    ...nodeRuntime,
    opened: 0,
    openSession: async () => {
      runtime.opened++;
      return session;
    },
  };
  return runtime;
}

it("tells sums in 32 bits from those that were cut off at 16", async () => {
  const exact = runtimeOf(64);
  expect(await multipliesExactly(exact)).toBe(true);
  // 255 * 127 + 255 * 127 becomes 32,767 of 64,770; what 128 stands for is taken off afterwards.
  const cut = (32 * 32_767 - 64 * 128 * 127) / 127 ** 2;
  const inexact = runtimeOf(cut);
  expect(await multipliesExactly(inexact)).toBe(false);
  expect([exact.opened, inexact.opened]).toEqual([0, 0]);
});

it("is a graph that the runtime here takes", async () => {
  expect(await multipliesExactly(nodeRuntime)).toBeTypeOf("boolean");
});

it("knows graphs in int8 by their files, the one for prompts apart; those of other programs are theirs", () => {
  const files = {
    folder: "model",
    vision: { path: "model/onnx/vision_int8.onnx", form: "ours" },
    decoder: { path: "model/onnx/decoder_q4.onnx", form: "ours" },
    prefill: { path: "model/onnx/decoder_prefill_int8.onnx", dtype: "int8" },
  } as const;
  expect(integerGraphs(files)).toEqual({ prompts: true, others: ["model/onnx/vision_int8.onnx"] });
  const common = { path: "model/onnx/vision_encoder_int8.onnx", form: "common" } as const;
  expect(integerGraphs({ folder: "model", vision: common })).toEqual({ prompts: false, others: [] });
});
