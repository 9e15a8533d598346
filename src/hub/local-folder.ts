import { stat } from "node:fs/promises";
import { PrumergeError } from "../errors.js";
import { isHubId } from "./hub-id.js";

/**
 * Whether a model argument names a folder on this machine; else it is a model id of the hub.
 *
 * @throws PrumergeError `NOT_FOUND` where it is neither.
 */
export async function isFolder(idOrPath: string): Promise<boolean> {
  const local = await stat(idOrPath).catch(() => undefined);
  if (local?.isDirectory()) return true;
  if (local !== undefined) {
    throw new PrumergeError("NOT_FOUND", "a model is a folder, this is a file", { where: idOrPath });
  }
  if (isHubId(idOrPath)) return false;
  throw new PrumergeError("NOT_FOUND", "there is no such model", {
    where: idOrPath,
    expected: "a model folder, or a model id of the hub (owner/name)",
  });
}
