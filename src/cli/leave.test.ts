import { afterEach, describe, expect, it, vi } from "vitest";
import { exitCodes } from "./exit-codes.js";
import { leave } from "./leave.js";

const { exitCode } = process;
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  process.exitCode = exitCode;
});

describe("leave", () => {
  it.each([
    [exitCodes.interrupted, 1],
    [exitCodes.ok, 0],
    [exitCodes.failure, 0],
    [exitCodes.usage, 0],
  ])("ends with %i, soon where work was left behind", (status, times) => {
    vi.useFakeTimers();
    const exit = vi.spyOn(process, "exit").mockReturnValue(undefined as never);
    leave(status);
    expect(process.exitCode).toBe(status);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(exit).toHaveBeenCalledTimes(times);
  });
});
