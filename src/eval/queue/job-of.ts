import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import { PrumergeError } from "../../errors.js";
import type { Assignment } from "../run/assignment.js";
import { isVideoFile } from "../task.js";
import type { Job } from "./messages.js";

/**
 * An assignment as a job. Its id is made of the keys of its answers: the same work is never in a queue twice. BullMQ
 * takes no colon and no bare integer for an id.
 *
 * @param data folder that workers have as well: pictures are named below it
 * @throws PrumergeError INVALID_OPTION for a picture outside of it
 */
export function jobOf(assignment: Assignment, data: string): { readonly id: string; readonly job: Job } {
  const { task, configuration, picture, questions } = assignment;
  const keys = createHash("sha256");
  for (const { key } of questions) keys.update(key);
  return {
    id: `q-${keys.digest("hex").slice(0, 32)}`,
    job: {
      task,
      configuration,
      picture: picture && {
        name: picture.source.name,
        sha256: picture.sha256,
        source:
          "path" in picture.source
            ? {
                path: below(picture.source.path, data),
                ...(isVideoFile(picture.source) && { isVideo: true as const }),
              }
            : { bytes: Buffer.from(picture.source.bytes).toString("base64") },
      },
      questions: questions.map(({ id, text, maxNewTokens, key }) => ({ id, text, maxNewTokens, key })),
    },
  };
}

function below(path: string, data: string): string {
  const inside = relative(data, path);
  if (inside !== "" && !isAbsolute(inside) && inside.split(sep)[0] !== "..")
    return inside.replaceAll(sep, "/");
  throw new PrumergeError("INVALID_OPTION", "a picture lies outside of the benchmarks' folder", {
    where: "--data",
    expected: "a folder that holds all pictures, since workers look for them below theirs",
    found: path,
  });
}
