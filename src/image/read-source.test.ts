import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openAsBlob, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { pictureFixture } from "../../test/support/pictures.js";
import { refusal } from "../../test/support/refusal.js";
import { readSource } from "./read-source.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytes = readFileSync(pictureFixture("rgb.png"));
const limit = 10_000;

/** A pipe with a name, and a writer that comes 100 ms later. */
function pipe(name: string, command: string): string {
  const path = join(folder, name);
  execFileSync("mkfifo", [path]);
  const environment = { ...process.env, PIPE: path, PICTURE: pictureFixture("rgb.png").pathname };
  spawn("sh", ["-c", `sleep 0.1; ${command}`], { env: environment, stdio: "ignore" });
  return path;
}

describe.runIf(process.platform !== "win32")("a pipe", () => {
  it("is waited for and read until its writer closes it", async () => {
    const path = pipe("late", '{ head -c 100 "$PICTURE"; sleep 0.1; tail -c +101 "$PICTURE"; } > "$PIPE"');
    const read = await readSource(path, limit);
    expect(read.where).toBe(path);
    expect(Buffer.compare(read.bytes, bytes)).toBe(0);
  });

  it("that nothing is written into is an empty file", async () => {
    const error = await refusal("INVALID_IMAGE", () => readSource(pipe("empty", ': > "$PIPE"'), limit));
    expect(error.message).toContain("an empty file is no picture");
  });

  it("is cut off at the limit", async () => {
    const path = pipe("endless", 'exec cat /dev/zero > "$PIPE"');
    await refusal("LIMIT_EXCEEDED", () => readSource(path, limit));
  });

  it("without a writer is left when the signal fires, and the program can end", {
    timeout: 180_000,
  }, async () => {
    const path = join(folder, "silent");
    execFileSync("mkfifo", [path]);
    const program = `
      import { readSource } from ${JSON.stringify(new URL("./read-source.ts", import.meta.url).href)};
      const error = await readSource(process.argv[1], 1000, AbortSignal.timeout(100)).catch((thrown) => thrown);
      console.log(error.code, error.message);`;
    const words = ["--import", "tsx", "--input-type=module", "--eval", program, path];
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      timeout: 150_000,
      killSignal: "SIGKILL",
    });
    expect(stdout).toBe(`ABORTED ${path}: reading a picture was aborted\n`);
  });
});

describe("a blob", () => {
  it("is left when the signal fires", async () => {
    const blob = new Blob([bytes]);
    blob.arrayBuffer = () => new Promise(() => undefined);
    const error = await refusal("ABORTED", () => readSource(blob, limit, AbortSignal.timeout(20)));
    expect(error.message).toBe("picture: reading a picture was aborted");
  });

  it("whose file has changed is refused like any that cannot be read", async () => {
    const path = join(folder, "changing.png");
    writeFileSync(path, bytes);
    const blob = await openAsBlob(path);
    writeFileSync(path, "other");
    const error = await refusal("INVALID_IMAGE", () => readSource(blob, limit));
    expect(error.message).toMatch(/^picture: a picture cannot be read; found NotReadableError/);
  });
});
