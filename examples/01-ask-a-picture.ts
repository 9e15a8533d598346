/** Ask a picture: the bundled model, PruMerge+ with 64 visual tokens instead of 576. */
import { loadModel, pruMergePlus } from "prumerge";

const picture = new URL("../models/pocket-llava/samples/sample_3.png", import.meta.url);

const model = await loadModel();
const seen = await model.see(picture, pruMergePlus({ tokens: 64 }));
const { text } = await model.answer(seen, "Where is the bear?").result;

const { unreducedTokens, visualTokens } = seen.statistics;
console.log(`${unreducedTokens} visual tokens became ${visualTokens}.`);
console.log(`Where is the bear? ${text}`);
await model.dispose();
