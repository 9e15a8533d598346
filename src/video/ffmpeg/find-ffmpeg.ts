import { access, constants } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { PrumergeError } from "../../errors.js";

/** The variable that names a program in place of the one on PATH. */
const variable = "PRUMERGE_FFMPEG";

/**
 * Path of the ffmpeg that decodes videos: the one that is named, that of the variable PRUMERGE_FFMPEG, or the first on PATH.
 *
 * @throws PrumergeError NOT_FOUND, with the line that installs it
 */
export async function findFfmpeg(
  named: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const given = named ?? (environment[variable]?.trim() || undefined);
  if (given !== undefined) {
    if (isAbsolute(given) && (await isProgram(given))) return given;
    throw missing(`no program at ${given}`, named === undefined ? variable : "ffmpeg");
  }
  const names = process.platform === "win32" ? ["ffmpeg.exe"] : ["ffmpeg"];
  for (const folder of (environment.PATH ?? environment.Path ?? "").split(delimiter)) {
    // A relative folder on PATH would be one that whoever made the video may have written to.
    if (!isAbsolute(folder)) continue;
    for (const name of names) if (await isProgram(join(folder, name))) return join(folder, name);
  }
  throw missing("none on PATH", "ffmpeg");
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function missing(found: string, where: string): PrumergeError {
  return new PrumergeError("NOT_FOUND", "videos are decoded by the program ffmpeg, which is not there", {
    where,
    expected: `ffmpeg 4.4 or later on PATH, or its absolute path in ${variable}`,
    found,
    help: "Install it: apt-get install ffmpeg (Debian, Ubuntu), brew install ffmpeg (macOS), winget install ffmpeg (Windows). Folders of pictures and animated GIF and WebP need none",
  });
}
