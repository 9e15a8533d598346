import { afterEach, describe, expect, it, vi } from "vitest";
import { closeSoon, endAtOnce, interruptible } from "./interrupt.js";
import { ReaderLeft } from "./reader-left.js";
import { ServerSignals } from "./server-signals.js";

const ends = ["SIGTERM", "SIGINT"] as const;
const before = ends.map((signal) => process.listeners(signal));
const pid = process.pid;
afterEach(() => {
  vi.restoreAllMocks();
  Object.defineProperty(process, "pid", { value: pid, configurable: true });
  ends.forEach((signal, at) => {
    process.removeAllListeners(signal);
    for (const listener of before[at]!) process.on(signal, listener);
  });
});

describe("endAtOnce", () => {
  const kill = () => vi.spyOn(process, "kill").mockReturnValue(true);
  const exit = () =>
    vi.spyOn(process, "exit").mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });

  it("ends as the signal does where nobody listens", () => {
    const [killed, exited] = [kill(), exit()];
    process.on("SIGTERM", () => undefined);
    endAtOnce("SIGTERM");
    expect(killed).toHaveBeenCalledWith(process.pid, "SIGTERM");
    expect(process.listeners("SIGTERM")).toEqual([]);
    expect(exited).not.toHaveBeenCalled();
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("exits as process 1, which the kernel does not end by its own %s", (signal, status) => {
    const [killed] = [kill(), exit()];
    Object.defineProperty(process, "pid", { value: 1, configurable: true });
    expect(() => endAtOnce(signal)).toThrow(`exit ${status}`);
    expect(killed).not.toHaveBeenCalled();
  });
});

describe("ServerSignals", () => {
  it("ends while loading, then tells of the first signal and ends on the next", async () => {
    const end = vi.fn();
    const signals = new ServerSignals(end);
    process.emit("SIGTERM", "SIGTERM");
    expect(end.mock.calls).toEqual([["SIGTERM"]]);
    const told = signals.told();
    process.emit("SIGTERM", "SIGTERM");
    await told;
    expect(end).toHaveBeenCalledTimes(1);
    process.emit("SIGINT", "SIGINT");
    expect(end.mock.calls.at(-1)).toEqual(["SIGINT"]);
  });
});

describe("a reader of the output that leaves", () => {
  const leave = () =>
    process.stdout.emit(
      "error",
      Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" }),
    );

  it("ends the work under way, which is no failure", async () => {
    const listeners = process.stdout.listenerCount("error");
    const work = interruptible(
      (signal) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))),
    );
    leave();
    await expect(work).rejects.toBeInstanceOf(ReaderLeft);
    expect(process.stdout.listenerCount("error")).toBe(listeners);
  });

  it("ends work that the failed writing ended first likewise, and no other failure", async () => {
    const failed = (code: string) =>
      interruptible(() => Promise.reject(Object.assign(new Error(code), { code })));
    await expect(failed("EPIPE")).rejects.toBeInstanceOf(ReaderLeft);
    await expect(failed("ENOSPC")).rejects.toMatchObject({ code: "ENOSPC" });
  });

  it("waits for what is being closed, however long it takes; after Ctrl-C not", async () => {
    vi.useFakeTimers();
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    const closing = new Promise<void>((resolve) => setTimeout(resolve, 60_000));
    const left = closeSoon(closing, AbortSignal.abort(new ReaderLeft()));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(kill).not.toHaveBeenCalled();
    const interrupted = closeSoon(closing, AbortSignal.abort());
    await vi.advanceTimersByTimeAsync(2000);
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGINT");
    await vi.advanceTimersByTimeAsync(60_000);
    await Promise.all([left, interrupted]);
    vi.useRealTimers();
  });
});
