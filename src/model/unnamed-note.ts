import { bundledModel, starterModel } from "../models/names.js";

/**
 * What is to be said where nobody named a model and the one that comes with the package is used: what it knows, and what
 * to do about any other picture. It cannot tell by itself which pictures are of its world (docs/decisions/0014).
 *
 * @param world its manifest's
 */
export function unnamedNote(world: string): string {
  return (
    `No model was named, so the bundled ${bundledModel} is used: it knows ${world}. ` +
    `For your own pictures name a real one, such as ${starterModel} (--model; docs/models.md has more).`
  );
}
