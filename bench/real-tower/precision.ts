import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "../../dist/index.js";
import { createReducer } from "../../src/reduce/index.js";
import { median } from "../../src/view/tower-signs.js";
import { recordHead, sized, towerFolder, wheels } from "./prepare.js";
import { pictures } from "./wheels.js";

/**
 * Which patches a tower in other precisions keeps, beside those of float32: the share that both have of what either has (Jaccard), of real
 * photographs on a real CLIP. The weights come in 8 bits by tensor and are made float32 first, so that what is seen of `int8` is mostly what it does to
 * activations. Writes bench/results/tower-precision.json.
 */
process.env.ORT_DISABLE_TELEMETRY = "1";
const methods = ["prumerge", "prumerge+", "cover"] as const;
const counts = [16, 64] as const;
const dtypes = ["fp32", "fp16", "q8", "int8"] as const;

/** By precision, by method and count: kept patches of every photograph. */
const kept = new Map<string, Map<string, Set<number>[]>>();
for (const dtype of dtypes) {
  const model = await loadModel(await towerFolder(dtype), { threads: 2 });
  const own = new Map<string, Set<number>[]>();
  for (const file of pictures.photographs) {
    const bytes = new Uint8Array(await sized(join(wheels, file), 0));
    for (const method of methods) {
      for (const rows of counts) {
        const { plan } = await model.see(bytes, createReducer(method, {}, { kind: "exact", rows }));
        const name = `${method} ${rows}`;
        own.set(name, [
          ...(own.get(name) ?? []),
          new Set([...plan.keptPatches].filter((patch) => patch >= 0)),
        ]);
      }
    }
    console.log(`${dtype} ${basename(file)}`);
  }
  await model.dispose();
  kept.set(dtype, own);
}

const results = dtypes.slice(1).flatMap((dtype) =>
  [...kept.get(dtype)!].map(([name, sets]) => {
    const shares = sets.map((set, at) => jaccard(set, kept.get("fp32")!.get(name)![at]!));
    return {
      dtype,
      method: name,
      median: median(shares),
      least: Math.min(...shares),
      pictures: shares.length,
    };
  }),
);
console.table(results);
const path = fileURLToPath(new URL("../results/tower-precision.json", import.meta.url));
writeFileSync(path, `${JSON.stringify({ ...recordHead("tower-precision"), results }, null, 2)}\n`);

function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  const both = [...a].filter((one) => b.has(one)).length;
  return both / (a.size + b.size - both);
}
