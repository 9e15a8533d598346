import { copyFile, mkdir, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { openFileSource } from "../../src/tensor/file-source.js";
import { readSafetensorsHeader } from "../../src/tensor/safetensors.js";
import { safetensorsHeader } from "../../test/support/write-safetensors.js";

const ours = /^vision_tower\.(?!vision_model\.)/;

/** Copies a checkpoint with the tower's weights under the names that vLLM 0.32 looks for; the values are the same. */
export async function writeForVllm(checkpoint: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(checkpoint)) {
    if (name.endsWith(".safetensors")) await rename(join(checkpoint, name), join(folder, name));
    else await copyFile(join(checkpoint, name), join(folder, name));
  }
}

async function rename(from: string, to: string): Promise<void> {
  const source = await openFileSource(from);
  const target = await open(to, "w");
  try {
    const { tensors, metadata } = await readSafetensorsHeader(source);
    const inOrder = [...tensors].sort(([, a], [, b]) => a.start - b.start);
    const header = inOrder.map(([name, { type, shape, start, end }]) => ({
      name: name.replace(ours, "vision_tower.vision_model."),
      type,
      shape,
      byteLength: end - start,
    }));
    await target.write(safetensorsHeader(header, Object.fromEntries(metadata)));
    for (const [, { start, end }] of inOrder) await target.write(await source.slice(start, end));
  } finally {
    await source.close();
    await target.close();
  }
}
