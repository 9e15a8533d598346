import type { Picture } from "../image/index.js";
import type { SamplingRule } from "../video/sampling.js";
import { isVideo, type Video } from "../video/video.js";
import { readPicture, readStandardInput } from "./pictures.js";

/** What a model is shown. */
export type Shown = Picture | Video;

/** What is said of videos alone. */
export interface VideoFlags {
  readonly frames?: number;
  readonly fps?: number;
  readonly sampling?: SamplingRule;
}

/**
 * The pictures and videos at some paths, in their order; standard input at most once. What is a video is told by a file's first
 * bytes; a folder is a video of pictures; an animated GIF, WebP or PNG is one where its frames are spoken of, and else a picture.
 *
 * @throws PrumergeError for what is no picture what `decodePicture` throws. A video's own mistakes show when it is watched
 */
export async function readShown(
  paths: readonly string[],
  flags: VideoFlags,
  signal: AbortSignal,
): Promise<Shown[]> {
  const { PrumergeError } = await import("../errors.js");
  if (paths.filter((path) => path === "-").length > 1) {
    throw new PrumergeError("INVALID_OPTION", "standard input can be only one of the pictures", {
      where: "-",
    });
  }
  return Promise.all(paths.map((path) => readOne(path, spokenOf(flags) !== undefined, signal)));
}

/**
 * {@link readShown} for commands that are shown nothing later.
 *
 * @throws PrumergeError INVALID_OPTION also where frames are spoken of and nothing is a video
 */
export async function readAllShown(
  paths: readonly string[],
  flags: VideoFlags,
  signal: AbortSignal,
): Promise<Shown[]> {
  const shown = await readShown(paths, flags, signal);
  const spoken = spokenOf(flags);
  if (spoken === undefined || shown.some(isVideo)) return shown;
  const { PrumergeError } = await import("../errors.js");
  throw new PrumergeError("INVALID_OPTION", "there is no video that this could be said of", {
    where: spoken,
    expected: "a video file, an animation or a folder of pictures",
  });
}

/** The option that speaks of a video's frames, where one does. */
export function spokenOf({ frames, fps, sampling }: VideoFlags): string | undefined {
  const given = { "--frames": frames, "--fps": fps, "--sampling": sampling };
  return Object.entries(given).find(([, value]) => value !== undefined)?.[0];
}

async function readOne(path: string, framesWanted: boolean, signal: AbortSignal): Promise<Shown> {
  const [{ openVideo }, { rememberVideo }, { headLength, isAnimation, looksLikeVideo }] = await Promise.all([
    import("../video/open-video.js"),
    import("../video/remember-video.js"),
    import("../video/file-kind.js"),
  ]);
  const moves = (head: Uint8Array) => looksLikeVideo(head) || (framesWanted && isAnimation(head));
  if (path === "-") {
    const file = await readStandardInput(signal);
    const head = new Uint8Array(await file.slice(0, headLength).arrayBuffer());
    return moves(head) ? rememberVideo(openVideo(file, { name: file.name })) : readPicture(file, signal);
  }
  const head = await readHead(path, headLength);
  if (head === "folder") await refuseEmpty(path);
  return head === "folder" || moves(head) ? rememberVideo(openVideo(path)) : readPicture(path, signal);
}

async function refuseEmpty(folder: string): Promise<void> {
  const [{ picturesIn }, { PrumergeError }] = await Promise.all([
    import("../video/picture-folder.js"),
    import("../errors.js"),
  ]);
  if ((await picturesIn(folder)).paths.length > 0) return;
  throw new PrumergeError(
    "INVALID_VIDEO",
    "a folder is no picture, and a video only where it holds pictures",
    {
      where: folder,
      expected: "a file, or a folder of pictures",
    },
  );
}

/** A file's first bytes, none where it cannot be read so: reading the picture says what is wrong then. */
async function readHead(path: string, length: number): Promise<Uint8Array | "folder"> {
  const { open, stat } = await import("node:fs/promises");
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) return "folder";
  if (!info?.isFile()) return new Uint8Array();
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return new Uint8Array();
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
