import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const folder = new URL("../fixtures/image/", import.meta.url);

/** Path of a picture fixture. */
export function pictureFixture(name: string): URL {
  return new URL(name, folder);
}

/** Cases and the numbers they point into; see the fixtures' `make.py`. */
export function pictureCases<T>(name: string): { readonly cases: readonly T[]; readonly bytes: Uint8Array } {
  const { cases } = JSON.parse(readFileSync(pictureFixture(`${name}.json`), "utf8"));
  return { cases, bytes: new Uint8Array(gunzipSync(readFileSync(pictureFixture(`${name}.bin.gz`)))) };
}

/** Largest absolute difference; Infinity where lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
