import { assembleModel } from "../../src/model/assemble-model.js";
import { describeFolder } from "../../src/model/describe-folder.js";
import { findFolder } from "../../src/model/find-folder.js";
import type { LoadedModel } from "../../src/model/model.js";
import { readPixels } from "../../src/model/model-input.js";
import { bundledModel } from "../../src/models/names.js";
import { loadEngine } from "../../src/runtime/index.js";

/** The bundled model, which never ends an answer by itself: only its length or whoever asked does. */
export async function endlessModel(): Promise<LoadedModel> {
  const description = await describeFolder(await findFolder(bundledModel));
  const engine = await loadEngine(description.graphs, { warm: ["vision", "language"] });
  return assembleModel(
    description,
    {
      ...engine,
      async forward(...words) {
        const run = await engine.forward(...words);
        for (const id of description.endTokenIds) run.logits[id] = Number.NEGATIVE_INFINITY;
        return run;
      },
    },
    { pixels: readPixels },
  );
}
