/** C libraries give blocks beyond 32 MiB back to the system when they are freed, and keep smaller ones for later. */
const leastBytes = 64 * 1024 * 1024;

/** What vector instructions like. */
const alignment = 64;

/** Numbers of a cache. */
export type CacheArray = Float32Array | Int8Array;

/** Kinds of arrays, by the names of their numbers. */
const kinds = { float32: Float32Array, int8: Int8Array } as const;

/**
 * Arrays of one length, zeroed. Several share a buffer, so that their memory goes back to the system with
 * {@link freeArrays}; arrays that were allocated together are freed together.
 */
export function allocateArrays<Kind extends keyof typeof kinds = "float32">(
  count: number,
  length: number,
  kind = "float32" as Kind,
): InstanceType<(typeof kinds)[Kind]>[] {
  type Numbers = InstanceType<(typeof kinds)[Kind]>;
  const make = kinds[kind];
  const stride = Math.ceil((length * make.BYTES_PER_ELEMENT) / alignment) * alignment;
  const perBuffer = Math.min(Math.max(Math.ceil(leastBytes / Math.max(stride, 1)), 1), count);
  const arrays: Numbers[] = [];
  while (arrays.length < count) {
    const buffer = new ArrayBuffer(stride * Math.min(perBuffer, count - arrays.length));
    for (let offset = 0; offset < buffer.byteLength; offset += stride) {
      arrays.push(new make(buffer, offset, length) as Numbers);
    }
    if (stride === 0) arrays.push(new make(buffer) as Numbers);
  }
  return arrays;
}

/**
 * Gives arrays' memory back within this turn of the event loop. The engine lets garbage outside its heap grow to about the
 * size of what lives there, which for a key/value cache is gigabytes. The arrays are empty afterwards.
 */
export function freeArrays(arrays: readonly ArrayBufferView[]): void {
  const buffers = new Set(arrays.map((array) => array.buffer as ArrayBuffer));
  // A message owns what is transferred with it, and goes when the port that it was sent to is closed.
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(undefined, [...buffers]);
  port2.close();
}
