import type { Matrix } from "prumerge/reduce";

/** The matrix in a base64 `.npy` file of float32, as `POST /v1/visual-tokens` gives it. */
export function readNpy(base64: string): Matrix {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const start = 10 + new DataView(bytes.buffer).getUint16(8, true);
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, start));
  const [, rows, columns] = /'shape': \((\d+), (\d+)\)/.exec(head) ?? [];
  const data = new Float32Array(bytes.buffer.slice(start));
  if (Number(rows) * Number(columns) !== data.length)
    throw new Error("The server sent numbers of an unknown shape.");
  return { rows: Number(rows), columns: Number(columns), data };
}
