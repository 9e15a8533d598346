import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TaskPicture } from "../task.js";

/** In the order in which Video-LLaVA's script tries them, then ActivityNet-QA's third kind, then animations, which need no ffmpeg. */
const extensions = [".mp4", ".avi", ".mov", ".mkv", ".webm", ".webp", ".gif"];

/**
 * Finds videos by their name without its ending. One that is not there is named as an .mp4: whoever shows it to a model says that
 * it is missing.
 *
 * @param folder need not be there
 */
export async function videoFinder(folder: string): Promise<(name: string) => TaskPicture> {
  const names = new Set(await readdir(folder).catch(() => []));
  const shared = new Map<string, TaskPicture>();
  return (name) => {
    const known = shared.get(name);
    if (known !== undefined) return known;
    const file = name + (extensions.find((extension) => names.has(name + extension)) ?? ".mp4");
    const video = { name: file, path: join(folder, file), isVideo: true } as const;
    shared.set(name, video);
    return video;
  };
}
