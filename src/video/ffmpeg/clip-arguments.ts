/**
 * Containers that are opened. None of them names other files, but for MOV's references, which ffmpeg does not follow unless it
 * is told to; playlists, lists of files, image sequences and devices are not among them.
 */
export const containers = [
  ...["mov", "matroska", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "apng", "mxf", "dv"],
  ...["h264", "hevc", "m4v", "mpegvideo", "ivf"],
] as const;

/** How a run of ffmpeg reads a file, and nothing but that file. */
export function inputArguments(path: string, maxPixels: number): string[] {
  return [
    ...["-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+info"],
    ...["-protocol_whitelist", "file,pipe", "-format_whitelist", containers.join(",")],
    // What changes its size in the middle is scaled to its first one, and frames go on being counted.
    ...["-max_pixels", String(Math.min(Math.floor(maxPixels), 2 ** 31 - 1)), "-reinit_filter", "0"],
    ...["-i", `file:${path}`],
  ];
}

/** Every frame as it comes, none repeated or left out for the sake of an even rate; by its name in 5.1 and before. */
const timings = { now: ["-fps_mode", "passthrough"], before: ["-vsync", "0"] } as const;

/**
 * Goes through the first stream of pictures, upright, with a line of log for each frame, and writes some as PPM.
 *
 * @param frames ascending, each once
 * @param stop whether to end after the last of them
 */
export function frameArguments(
  frames: readonly number[],
  stop: boolean,
  timing: keyof typeof timings,
): string[] {
  const chosen = frames.length === 0 ? "0" : frames.map((frame) => `eq(n,${frame})`).join("+");
  return [
    ...["-map", "0:V:0", "-vf", `showinfo=checksum=0,select='${chosen}'`, ...timings[timing]],
    ...(stop && frames.length > 0 ? ["-frames:v", String(frames.length)] : []),
    ...["-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "pipe:1"],
  ];
}
