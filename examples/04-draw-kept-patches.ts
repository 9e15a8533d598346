/** Draw which patches were kept, how strongly the class token attends to them, and who merged into whom, as an SVG. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModel, pruMerge } from "prumerge";
import { decodePicture } from "prumerge/image";
import { inspectTokens, renderInspection } from "prumerge/view";

const picture = await decodePicture(new URL("../models/pocket-llava/samples/sample_3.png", import.meta.url));

const model = await loadModel();
const seen = await model.see(picture, pruMerge(), { signals: true });
await model.dispose();

const inspection = inspectTokens(picture, seen, "sample_3.png");
const [{ columns }] = seen.sites.regions;
const [first] = inspection.rows;
const place = `row ${Math.floor(first.keptPatch / columns)}, column ${first.keptPatch % columns}`;
console.log(`${seen.plan.patches} patches became ${inspection.rows.length} visual tokens.`);
console.log(`The first stands on ${place}; ${first.sources.length - 1} others merged into it.`);

const path = join(await mkdtemp(join(tmpdir(), "prumerge-")), "kept.svg");
await writeFile(path, await renderInspection(inspection, "svg"));
console.log(`Drawn in ${path}`);
