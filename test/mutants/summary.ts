import type { schema } from "@stryker-mutator/api/core";

/** Every fault that no test noticed, as `file:line:column  what was there -> what was put there`, and the score by file. */
export function summary(report: schema.MutationTestResult): string {
  const lines: string[] = [];
  let [noticed, all] = [0, 0];
  for (const [file, { mutants, source }] of Object.entries(report.files)) {
    const counted = mutants.filter(({ status }) => status !== "Ignored" && status !== "CompileError");
    const missed = counted.filter(({ status }) => status !== "Killed" && status !== "Timeout");
    noticed += counted.length - missed.length;
    all += counted.length;
    if (missed.length === 0) continue;
    lines.push(`${file}: ${counted.length - missed.length} of ${counted.length}`);
    for (const { location, replacement, status } of missed) {
      const { line, column } = location.start;
      const was = textAt(source, location);
      lines.push(
        `  ${line}:${column} ${short(was)} -> ${short(replacement ?? "")}${status === "NoCoverage" ? " (never run)" : ""}`,
      );
    }
  }
  lines.push(`noticed: ${noticed} of ${all}, ${((100 * noticed) / all).toFixed(1)} %`);
  return lines.join("\n");
}

function textAt(source: string, { start, end }: schema.Location): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return lines.join("\n");
}

function short(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}
