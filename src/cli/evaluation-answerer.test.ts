import { beforeEach, expect, it, vi } from "vitest";
import { connectRedis } from "../eval/queue/connection.js";
import { findFolder } from "../model/find-folder.js";
import { findMethod } from "../reduce/index.js";
import { withAnswerer } from "./evaluation-answerer.js";
import type { EvalOptions } from "./evaluation-options.js";
import { StatusLine } from "./status-line.js";

vi.mock("../eval/queue/connection.js", () => ({ connectRedis: vi.fn() }));
vi.mock("../model/find-folder.js", async (original) => ({
  ...(await original<typeof import("../model/find-folder.js")>()),
  findFolder: vi.fn(),
}));

const close = vi.fn();
beforeEach(() => {
  vi.mocked(connectRedis).mockResolvedValue({ redis: {} as never, close });
});

it("a download for a run over many machines shows how far it is, and ends with Ctrl-C", async () => {
  const progress = vi.spyOn(StatusLine.prototype, "progress").mockReturnValue();
  vi.mocked(findFolder).mockImplementation((_, { signal, onDownload } = {}) => {
    onDownload?.({ file: "onnx/vision.onnx", bytes: 1, total: 4 } as never);
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  });
  const interrupt = new AbortController();
  const options = { model: "owner/name", queue: "redis://127.0.0.1" } as EvalOptions;
  const work = vi.fn();
  const running = withAnswerer(options, interrupt.signal, () => undefined, findMethod, work);
  await expect
    .poll(() => progress.mock.calls)
    .toEqual([["Downloading onnx/vision.onnx", 1, 4, expect.any(Number)]]);
  const reason = new Error("interrupted");
  interrupt.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect([work.mock.calls, close.mock.calls.length]).toEqual([[], 1]);
});
