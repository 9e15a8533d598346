import { decoder } from "../graphs/contract.js";
import type { Session } from "./session.js";
import { portOf, sizeAt } from "./tensors.js";

/** One kind of number that a layer keeps of each token, as arrays [...before, tokens, ...behind]. */
export interface CachePart {
  readonly type: "float32" | "int8";
  readonly before: readonly number[];
  readonly behind: readonly number[];
  /** Name of the graph's input with what is kept, and of its output with what a run adds. */
  readonly past: (layer: number) => string;
  readonly added: (layer: number) => string;
}

/** What a language model's cache consists of. */
export interface CacheShape {
  readonly layers: number;
  readonly parts: readonly CachePart[];
}

/** Keys and values of H heads of width d: keys transposed, [H, d, tokens], values [H, tokens, d]. */
export function plainParts(
  heads: number,
  headDim: number,
  type: CachePart["type"] = "float32",
): readonly CachePart[] {
  return [
    { type, before: [heads, headDim], behind: [], past: decoder.pastKey, added: decoder.newKey },
    { type, before: [heads], behind: [headDim], past: decoder.pastValue, added: decoder.newValue },
  ];
}

/** The same in 8 bits, and scales [H, tokens] of both. */
export function compactParts(heads: number, headDim: number): readonly CachePart[] {
  const scale = { type: "float32", before: [heads], behind: [] } as const;
  return [
    ...plainParts(heads, headDim, "int8"),
    { ...scale, past: decoder.pastKeyScale, added: decoder.newKeyScale },
    { ...scale, past: decoder.pastValueScale, added: decoder.newValueScale },
  ];
}

/** What a decoder's inputs say. */
export function cacheShape({ inputs, path }: Session): CacheShape {
  const first = portOf(inputs, decoder.pastKey(0), path);
  const lead = leadOf({ inputs, path }).length;
  const [heads, headDim] = [sizeAt(first, lead, path), sizeAt(first, lead + 1, path)];
  return {
    layers: inputs.filter(({ name }) => name.startsWith(decoder.pastKey(0).slice(0, -1))).length,
    parts: first.type === "int8" ? compactParts(heads, headDim) : plainParts(heads, headDim),
  };
}

/** In front of every shape: nothing, or the axis of sequences where the graph is one of several. */
export function leadOf({ inputs, path }: Pick<Session, "inputs" | "path">): readonly number[] {
  return portOf(inputs, decoder.pastKey(0), path).shape.length === 4 ? [1] : [];
}

/** Runs of tokens in an array of a part, and numbers of each token in one. */
export function runsOf({ before, behind }: CachePart): { readonly lines: number; readonly width: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
  return { lines: product(before), width: product(behind) };
}

/** Bytes that all layers keep of one token. */
export function bytesPerToken({ layers, parts }: CacheShape): number {
  const bytes = parts.map((part) => {
    const { lines, width } = runsOf(part);
    return lines * width * (part.type === "float32" ? 4 : 1);
  });
  return layers * bytes.reduce((sum, one) => sum + one, 0);
}
