/** Which patches were kept, and who merged into whom: counted, and drawn as an SVG that answers to the pointer. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, pruMerge, tracePlan } from "prumerge";
import { decodePicture } from "prumerge/image";
import { createInspection, renderInspection } from "prumerge/view";

const file = fileURLToPath(new URL("../models/pocket-llava/samples/sample_3.png", import.meta.url));

const model = await loadModel();
const picture = await decodePicture(file);
const seen = await model.see(picture, pruMerge(), { signals: true });
await model.dispose();

const { plan, view, statistics, signals } = seen;
const strongest = tracePlan(plan).rows[0]!;
const column = strongest.keptPatch % plan.grid.columns;
const row = Math.floor(strongest.keptPatch / plan.grid.columns);
console.log(`${statistics.unreducedTokens} patches became ${statistics.visualTokens} visual tokens.`);
console.log(
  `The first stands on row ${row}, column ${column}; ${strongest.sources.length - 1} others merged into it.`,
);

const inspection = createInspection({
  picture,
  view,
  plan,
  statistics,
  method: statistics.method,
  options: statistics.options,
  ...(signals?.classAttention && { classAttention: signals.classAttention }),
});
const path = join(await mkdtemp(join(tmpdir(), "prumerge-")), "kept.svg");
await writeFile(path, await renderInspection(inspection, "svg"));
console.log(`Drawn in ${path}`);
