/** One row of a {@link formatTable}; cells are wrapped, never cut. */
export type Row = readonly string[];

export interface TableOptions {
  /** Widest line, columns. */
  readonly width: number;
  /** Columns set flush right; all others flush left. */
  readonly right?: readonly number[];
}

/** Aligned text columns, two spaces apart. Where the lines would be too long, the widest columns are wrapped. */
export function formatTable(rows: readonly Row[], { width, right = [] }: TableOptions): string {
  const widths = columnWidths(rows, width);
  const lines = rows.flatMap((row) => {
    const cells = widths.map((limit, column) => wrap(row[column] ?? "", limit));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, column) => {
          const text = cell[line] ?? "";
          return right.includes(column) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
        })
        .join("  ")
        .trimEnd(),
    );
  });
  return `${lines.join("\n")}\n`;
}

function columnWidths(rows: readonly Row[], width: number): number[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.flatMap((row) => (row[column] ?? "").split("\n").map((line) => line.length))),
  );
  let excess = widths.reduce((sum, one) => sum + one, 2 * (columns - 1)) - width;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 12) break; // narrower columns are unreadable: let the terminal wrap
    widths[widest]!--;
    excess--;
  }
  return widths;
}

function wrap(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (let word of paragraph.split(" ")) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = "";
      }
      for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width));
      line = line === "" ? word : `${line} ${word}`;
    }
    return [...lines, line];
  });
}
