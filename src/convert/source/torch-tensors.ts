import { PrumergeError } from "../../errors.js";
import type { FileSource } from "../../tensor/file-source.js";
import type { FoundTensor } from "./weight-files.js";

export async function readTorchTensors(source: FileSource): Promise<Map<string, FoundTensor>> {
  throw new PrumergeError("INVALID_FILE", "not yet", { where: source.name });
}
