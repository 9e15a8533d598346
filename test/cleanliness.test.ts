import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

// Without git (an unpacked archive) there is no saying which files are the project's.
const tracked = existsSync(join(root, ".git"))
  ? execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: root,
      encoding: "utf8",
    })
      .split("\0")
      .filter((file) => file !== "" && existsSync(join(root, file)))
  : [];
const read = (file: string) => readFileSync(join(root, file), "utf8");
const isText = (file: string) =>
  /\.(ts|mjs|js|md|json|jinja|py|yml|yaml|txt|sh)$|(^|\/)(NOTICE|run)$/.test(file);
const ours = (pattern: RegExp) =>
  tracked.filter(
    (file) => pattern.test(file) && !file.endsWith("_pb.ts") && !file.endsWith("cleanliness.test.ts"),
  );

function offences(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 100)}`] : [],
      ),
  );
}

describe.runIf(tracked.length > 0)("the project's files", () => {
  const texts = tracked.filter(
    (file) => isText(file) && !file.startsWith("test/fixtures/") && !file.endsWith("cleanliness.test.ts"),
  );

  it("name no machine and no download address", () => {
    expect(offences(texts, /\/home\/\w|\/root\/|"resolved": "https?:/)).toEqual([]);
  });

  it("leave nothing for later", () => {
    const later = /\b(TODO|FIXME|XXX|HACK)\b|not implemented|@ts-ignore|@ts-nocheck/i;
    const skipped = /\b(it|test|describe)\.(skip|only|todo)\b|\.skipIf\(/;
    expect(offences(ours(/^(src|test|bench|examples)\/.*\.ts$/), later)).toEqual([]);
    expect(offences(ours(/^(src|test|bench|examples)\/.*\.ts$/), skipped)).toEqual([]);
  });

  it("use plain punctuation in code", () => {
    const typographic =
      /[\u00a0\u00d7\u2010-\u2015\u2018-\u201f\u2022\u2026\u2190-\u21ff\u2212\u2260-\u2265]/;
    expect(offences(ours(/^(src|bench|examples)\/.*\.ts$/), typographic)).toEqual([]);
  });

  it("keep one subject each: no source beyond 300 lines, most below 150", () => {
    const lines = ours(/^src\/.*\.ts$/).map((file) => ({ file, count: read(file).split("\n").length }));
    expect(lines.filter(({ count, file }) => count > 300 && !file.endsWith(".test.ts"))).toEqual([]);
    const short = lines.filter(({ count }) => count <= 151).length;
    expect(short / lines.length).toBeGreaterThan(0.8);
  });

  it("keep no state in modules", () => {
    expect(offences(ours(/^src\/.*(?<!\.test)\.ts$/), /^(export )?(let|var) /)).toEqual([]);
  });

  it("are named in kebab-case, and are neither utilities nor helpers", () => {
    const names = ours(/^src\/.*\.ts$/);
    expect(names.filter((file) => !/^src\/([a-z0-9-]+\/)*[a-z0-9-]+(\.test)?\.ts$/.test(file))).toEqual([]);
    expect(
      names.filter(
        (file) => /\/(utils?|helpers?|types|misc|common)\.ts$/.test(file) && file !== "src/onnx/types.ts",
      ),
    ).toEqual([]);
  });

  it("are small, but for the bundled model and what tests replay", () => {
    const large = tracked.filter((file) => statSync(join(root, file)).size > 1_000_000);
    expect(large.filter((file) => !/^(models|test\/fixtures|benchmarks)\//.test(file))).toEqual([]);
  });
});
