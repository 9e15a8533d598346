import { spawn } from "node:child_process";
import { PrumergeError } from "../../errors.js";
import { tooSlow } from "../limits.js";

/** What a run is allowed, and who listens to it. */
export interface FfmpegRun {
  readonly program: string;
  readonly arguments: readonly string[];
  /** The video, for messages. */
  readonly where: string;
  readonly maxSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Each line that it writes to standard error; what throws ends the run. */
  onLine(line: string): void;
  /** What it writes to standard output; what throws ends the run. */
  onBytes(bytes: Uint8Array): void;
}

/** A line of the log is cut off here: it may hold what the file says of itself. */
const longestLine = 2000;

/**
 * Runs ffmpeg to its end: without a shell, without standard input, without variables that make it write files.
 *
 * @returns its exit status
 * @throws PrumergeError ABORTED, LIMIT_EXCEEDED past the time, NOT_FOUND or RUNTIME where it does not start; what a listener throws
 */
export async function runFfmpeg(run: FfmpegRun): Promise<number> {
  refuseAborted(run.signal);
  const { FFREPORT: _, AV_LOG_FORCE_COLOR: __, ...environment } = process.env;
  const child = spawn(run.program, [...run.arguments], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, AV_LOG_FORCE_NOCOLOR: "1" },
    windowsHide: true,
  });
  let failure: unknown;
  const end = (error: unknown) => {
    failure ??= error;
    child.kill("SIGKILL");
  };
  const listen =
    <Value>(listener: (value: Value) => void) =>
    (value: Value) => {
      if (failure !== undefined) return;
      try {
        listener(value);
      } catch (error) {
        end(error);
      }
    };
  const abort = () => end(aborted(run.signal));
  const late = tooSlow({ maxDecodeSeconds: run.maxSeconds }, run.where);
  const timer = setTimeout(() => end(late), run.maxSeconds * 1000);
  run.signal?.addEventListener("abort", abort, { once: true });
  try {
    child.stdout.on("data", listen(run.onBytes.bind(run)));
    const lines = splitLines(listen(run.onLine.bind(run)));
    child.stderr.setEncoding("latin1").on("data", lines.take);
    const status = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve(code ?? 1));
    });
    lines.finish();
    if (failure !== undefined) throw failure;
    return status;
  } catch (cause) {
    if (failure !== undefined || PrumergeError.isInstance(cause)) throw failure ?? cause;
    throw new PrumergeError("RUNTIME", "ffmpeg does not start", {
      where: run.program,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  } finally {
    clearTimeout(timer);
    run.signal?.removeEventListener("abort", abort);
  }
}

function splitLines(onLine: (line: string) => void) {
  let rest = "";
  return {
    take(text: string): void {
      const parts = (rest + text).split(/[\r\n]+/);
      rest = (parts.pop() ?? "").slice(0, longestLine);
      for (const part of parts) onLine(part.slice(0, longestLine));
    },
    finish(): void {
      if (rest !== "") onLine(rest);
    },
  };
}

function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

function aborted(signal: AbortSignal | undefined): PrumergeError {
  return new PrumergeError("ABORTED", "reading a video was aborted", { cause: signal?.reason });
}
