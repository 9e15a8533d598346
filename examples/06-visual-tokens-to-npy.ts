/** Visual tokens as a .npy file: float32 [tokens, width], for NumPy or as image embeddings for a server. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeNpy, loadModel, pruMerge } from "prumerge";

const picture = new URL("../models/pocket-llava/samples/sample_2.png", import.meta.url);

const model = await loadModel();
const { embeddings } = await model.see(picture, pruMerge({ tokens: 40 }));
await model.dispose();

const path = join(await mkdtemp(join(tmpdir(), "prumerge-")), "tokens.npy");
const bytes = encodeNpy(embeddings);
await writeFile(path, bytes);
console.log(`[${embeddings.rows}, ${embeddings.columns}] float32, ${bytes.length} bytes in ${path}`);
