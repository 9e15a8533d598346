/**
 * How many bytes of a Matroska or WebM file are missing at its end, by the size that its one segment says it has; 0 where none are
 * or nothing says it. What reads such files leaves out the last part without a word.
 *
 * @param head some hundred bytes from the file's beginning
 * @param size of the file, bytes
 */
export function missingBytes(head: Uint8Array, size: number): number {
  const header = readElement(head, 0);
  if (header?.id !== 0x1a45dfa3 || header.end === undefined) return 0;
  const segment = readElement(head, header.end);
  if (segment?.id !== 0x18538067 || segment.end === undefined) return 0;
  return Math.max(0, segment.end - size);
}

/** An element's name and where it ends; undefined where it goes on until something else begins. */
interface Element {
  readonly id: number;
  readonly end: number | undefined;
}

function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const id = readNumber(bytes, at, 4, false);
  const size = id && readNumber(bytes, at + id.length, 8, true);
  if (!id || !size) return undefined;
  const content = at + id.length + size.length;
  return { id: id.value, end: size.unknown ? undefined : content + size.value };
}

/** A number whose first byte says how long it is, by the zeros that it begins with. */
function readNumber(bytes: Uint8Array, at: number, longest: number, marked: boolean) {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const length = Math.clz32(first) - 23;
  if (length > longest || at + length > bytes.length) return undefined;
  const mark = marked ? 2 ** (8 - length) - 1 : 255;
  let value = first & mark;
  let unknown = value === mark;
  for (let next = 1; next < length; next++) {
    const byte = bytes[at + next]!;
    value = value * 256 + byte;
    unknown &&= byte === 255;
  }
  return { value, length, unknown };
}
