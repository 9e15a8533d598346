import { createHash } from "node:crypto";
import { isAbsolute, join } from "node:path";
import { PrumergeError } from "../../errors.js";
import type { HashedPicture } from "../run/assignment.js";
import { hashFile } from "../run/model-files.js";
import type { Job } from "./messages.js";

/**
 * A job's picture on this machine.
 *
 * @param data this worker's own folder of benchmarks
 * @throws PrumergeError NOT_FOUND, INVALID_FILE where it is another picture than the run's, UNSAFE_PATH for a name that
 * leaves the folder
 */
export async function findPicture(picture: Job["picture"], data: string): Promise<HashedPicture | null> {
  if (picture === null) return null;
  const { name, sha256, source } = picture;
  if ("bytes" in source) {
    const bytes = Buffer.from(source.bytes, "base64");
    check(createHash("sha256").update(bytes).digest("hex"), sha256, name);
    return { source: { name, bytes }, sha256 };
  }
  if (isAbsolute(source.path) || source.path.split(/[\\/]/).includes("..") || source.path.includes("\0")) {
    throw new PrumergeError("UNSAFE_PATH", "a job names a picture outside of the benchmarks' folder", {
      where: data,
      found: source.path,
    });
  }
  const path = join(data, source.path);
  const found = await hashFile(path).catch((cause: unknown) => {
    throw new PrumergeError("NOT_FOUND", "this worker lacks a picture of the run", {
      where: path,
      help: "Give the same folder of benchmarks as the run has with --data",
      cause,
    });
  });
  check(found, sha256, path);
  return { source: { name, path, ...(source.isVideo && { isVideo: true }) }, sha256 };
}

function check(found: string, expected: string, where: string): void {
  if (found === expected) return;
  throw new PrumergeError("INVALID_FILE", "this worker has another picture than the run", {
    where,
    expected: `sha256 ${expected}`,
    found,
  });
}
