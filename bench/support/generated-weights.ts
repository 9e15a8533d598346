import { type FileHandle, open } from "node:fs/promises";
import type { WeightRecipe } from "../../src/graphs/weights.js";
import type { Placement, WeightFile } from "../../src/onnx/weight-file.js";
import { seededRandom } from "../../src/tensor/random.js";

const patternBytes = 8 * 1024 * 1024;

/**
 * Fills an external data file with generated weights straight in their stored form: no checkpoint is needed, and the
 * numbers stay in the range of a trained model's, so that nothing overflows. Time and memory do not depend on them.
 */
export async function writeGeneratedWeights(path: string, file: WeightFile<WeightRecipe>): Promise<void> {
  const random = seededRandom(1);
  // 1 to 15, around the 8 that stands for 0: weights with a mean would say the same token whatever is asked.
  const nibble = () => 1 + Math.floor(random() * 15);
  const nibbles = Buffer.from(Uint8Array.from({ length: patternBytes }, () => nibble() | (nibble() << 4)));
  const whole = Buffer.from(Int8Array.from({ length: patternBytes }, () => nibble() - 8).buffer);
  const small = floats(() => (random() - 0.5) * 0.04);
  const scales = floats(() => 0.002 + random() * 0.001);
  const norms = floats(() => 1);
  const handle = await open(path, "w");
  try {
    for (const [index, placement] of file.placements.entries()) {
      await fill(handle, placement, patternFor(placement.recipe), index);
    }
  } finally {
    await handle.close();
  }

  function patternFor(recipe: WeightRecipe): Buffer {
    if (recipe.op === "quantize") return recipe.part === "blocks" ? nibbles : scales;
    if (recipe.op === "integers") return recipe.part === "whole" ? whole : scales;
    return recipe.op === "copy" && recipe.shape.length === 1 ? norms : small;
  }
}

function floats(next: () => number): Buffer {
  return Buffer.from(Float32Array.from({ length: patternBytes / 4 }, next).buffer);
}

/** Every weight starts elsewhere in the pattern: ONNX Runtime keeps equal weights once, which would flatter it. */
async function fill(
  handle: FileHandle,
  { offset, byteLength }: Placement<WeightRecipe>,
  pattern: Buffer,
  index: number,
): Promise<void> {
  let start = (index * 4 * 100_003) % patternBytes;
  for (let done = 0; done < byteLength; ) {
    const length = Math.min(patternBytes - start, byteLength - done);
    await handle.write(pattern, start, length, offset + done);
    done += length;
    start = 0;
  }
}
