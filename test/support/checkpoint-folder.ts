import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { readTensor } from "../../src/convert/source/read-rows.js";
import type { TensorTable } from "../../src/convert/source/tensor-source.js";
import { type FixtureTensor, readFixture } from "./safetensors.js";
import { encodeSafetensors } from "./write-safetensors.js";

/** Path of a recorded model, below `test/fixtures/goldens`. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/goldens/${name}`, import.meta.url));
}

type Tensors = Map<string, FixtureTensor>;

export interface Changes {
  /** New names of the tensors; `undefined` leaves one out. */
  readonly rename?: (name: string) => string | undefined;
  /** Further changes of the tensors, after renaming. */
  readonly tensors?: (tensors: Tensors) => void;
  /** Changes of config.json. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any form
  readonly config?: (config: any) => void;
  /** Files to leave out. */
  readonly without?: readonly string[];
}

/** A new folder that is removed when the running test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-checkpoint-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A changed copy of a recorded model in a {@link temporaryFolder}. */
export function changedCopy(
  golden: string,
  { rename, tensors: change, config, without = [] }: Changes,
): string {
  const folder = temporaryFolder();
  cpSync(goldenPath(golden), folder, { recursive: true });
  const weights = join(folder, "model.safetensors");
  const tensors: Tensors = new Map();
  for (const [name, tensor] of readFixture(weights)) {
    const renamed = rename === undefined ? name : rename(name);
    if (renamed !== undefined) tensors.set(renamed, tensor);
  }
  change?.(tensors);
  writeFileSync(weights, encodeTensors(tensors));
  if (config !== undefined) {
    const json = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    config(json);
    writeJson(folder, "config.json", json);
  }
  for (const name of without) rmSync(join(folder, name));
  return folder;
}

export function encodeTensors(tensors: ReadonlyMap<string, FixtureTensor>): Uint8Array {
  return encodeSafetensors(
    new Map(
      [...tensors].map(([name, { shape, data }]) => {
        return [name, { type: data instanceof Int32Array ? "I32" : "F32", shape, data }];
      }),
    ),
  );
}

export function writeJson(folder: string, name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

/** Splits a folder's `model.safetensors` into shards with an index, and removes it. */
export function shard(folder: string, count: number): Record<string, string> {
  const tensors = [...readFixture(join(folder, "model.safetensors"))];
  const map: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const name = `model-0000${i + 1}-of-0000${count}.safetensors`;
    const part = tensors.filter((_, at) => at % count === i);
    writeFileSync(join(folder, name), encodeTensors(new Map(part)));
    for (const [tensor] of part) map[tensor] = name;
  }
  rmSync(join(folder, "model.safetensors"));
  writeJson(folder, "model.safetensors.index.json", { metadata: {}, weight_map: map });
  return map;
}

/** The values of every tensor of a checkpoint, as text that is quick to compare. */
export async function allValues(tensors: TensorTable): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const [name, tensor] of [...tensors].sort()) values.set(name, digits(await readTensor(tensor)));
  return values;
}

/** The bytes of a tensor as text. */
export function digits(data: ArrayBufferView): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}
