import type { WriteStream } from "node:tty";

/** Colours only where a terminal shows them and nobody asked for none (https://no-color.org). */
export function hasColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
}

/** Text in a terminal's bold or dim type, or as it is. */
export function styled(text: string, style: "bold" | "dim", stream: NodeJS.WriteStream): string {
  if (!hasColours(stream)) return text;
  return style === "bold" ? `\u001B[1m${text}\u001B[22m` : `\u001B[2m${text}\u001B[22m`;
}

/** Columns of a terminal; 80 for files and pipes. */
export function widthOf(stream: NodeJS.WriteStream): number {
  return (stream as Partial<WriteStream>).columns ?? 80;
}

/** Writes and waits until it has left the process. */
export function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
