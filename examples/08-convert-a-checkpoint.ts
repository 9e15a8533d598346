/** Convert a checkpoint in TypeScript, load the result and ask it: here the bundled model's own, to 8 bit. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "prumerge";
import { convert } from "prumerge/convert";

const checkpoint = fileURLToPath(new URL("../models/pocket-llava/checkpoint", import.meta.url));
const picture = new URL("../models/pocket-llava/samples/sample_2.png", import.meta.url);

const folder = await mkdtemp(join(tmpdir(), "prumerge-"));
const { path, dtypes } = await convert(checkpoint, join(folder, "pocket-llava-q8"), { dtype: "q8" });
console.log(`Decoder ${dtypes.decoder}, vision tower ${dtypes.vision}.`);

const model = await loadModel(path);
const { text } = await model.answer(await model.see(picture), "Which animal is shown?").result;
console.log(`Which animal is shown? ${text}`);
await model.dispose();
await rm(folder, { recursive: true });
