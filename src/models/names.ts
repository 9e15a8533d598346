/** Name of the model that comes with the package. */
export const bundledModel = "pocket-llava";

/** The smallest checkpoint for photographs that converts: what messages name to begin with. See docs/models.md. */
export const starterModel = "HuggingFaceTB/SmolVLM-256M-Instruct";

/** Name of our own description of a model folder. */
export const manifestName = "prumerge.json";
