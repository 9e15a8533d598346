import { encodeNpy } from "prumerge";

/** A request that vLLM does not answer with words, and what it is about. */
export interface Refused {
  readonly name: string;
  readonly body: unknown;
}

/** Bodies that are wrong in one way each. */
export function refusedBodies(name: string, width: number): Refused[] {
  const rows = (count: number, columns = width) => base64(encodeNpy(matrix(count, columns)));
  const ask = (...parts: unknown[]) => {
    return {
      model: name,
      messages: [{ role: "user", content: [...parts, { type: "text", text: "Describe the image." }] }],
      max_tokens: 4,
      temperature: 0,
    };
  };
  const embeds = (image_embeds: string) => ({ type: "image_embeds", image_embeds });
  const npy = (shape: string, count: number, descr = "<f4") =>
    embeds(base64(rawNpy(descr, shape, count * width)));
  const pixel =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
  return [
    { name: "rows of another width", body: ask(embeds(rows(4, width - 1))) },
    { name: "more pictures than the limit", body: ask(...Array.from({ length: 5 }, () => embeds(rows(4)))) },
    {
      name: "a picture file beside rows",
      body: ask(embeds(rows(4)), { type: "image_url", image_url: { url: pixel } }),
    },
    { name: "a longer prompt than the context", body: ask(embeds(rows(2100))) },
    { name: "an array of one dimension", body: ask(npy(`(${4 * width},)`, 4)) },
    { name: "an array of four dimensions", body: ask(npy(`(1, 1, 4, ${width})`, 4)) },
    { name: "two pictures in one array", body: ask(npy(`(2, 4, ${width})`, 8)) },
    { name: "numbers of the other byte order", body: ask(npy(`(4, ${width})`, 4, ">f4")) },
    {
      name: "a file that ends early",
      body: ask(embeds(base64(encodeNpy(matrix(4, width)).subarray(0, 2000)))),
    },
    { name: "characters that are no base64", body: ask(embeds("%%%")) },
    { name: "a data: URL", body: ask(embeds(`data:application/octet-stream;base64,${rows(4)}`)) },
    { name: "no rows", body: ask(embeds(rows(0))) },
    {
      name: "bytes of no known format",
      body: ask(embeds(base64(new TextEncoder().encode("no such format")))),
    },
    { name: "an empty string", body: ask(embeds("")) },
    { name: "another model's name", body: { ...ask(embeds(rows(4))), model: "no-such-model" } },
    { name: "a temperature below zero", body: { ...ask(embeds(rows(4))), temperature: -1 } },
    {
      name: "more tokens than the context has room for",
      body: { ...ask(embeds(rows(4))), max_tokens: 5000 },
    },
  ];
}

/** A matrix of small numbers that repeat. */
export function matrix(rows: number, columns: number) {
  const data = Float32Array.from({ length: rows * columns }, (_, at) => ((at * 37) % 101) / 101 - 0.5);
  return { rows, columns, data };
}

/** A `.npy` file of zeros with any head. */
function rawNpy(descr: string, shape: string, numbers: number): Uint8Array {
  const fields = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\x00\x76\x00${fields}\n`, "latin1");
  return Buffer.concat([head, new Uint8Array(numbers * 4)]);
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
