/**
 * A small seeded generator of uniform numbers in [0, 1): the public-domain mulberry32, 32 bits of state. The same seed
 * gives the same sequence on every machine. Not for secrets.
 *
 * @param seed an integer; its low 32 bits are used
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
