import { useEffect, useState } from "preact/hooks";
import type { Inspection } from "prumerge/drawing";
import type { ShownFrame } from "../backend/model-backend.js";
import type { Drawn } from "./inspect.js";
import type { Whole } from "./picture-counts.js";
import type { PictureEntry } from "./session-state.js";

/** What is drawn large: a picture, or the frame of a video that is looked at. */
export interface Shown {
  readonly inspection: Inspection | undefined;
  /** The entry, with the frame in the place of the video. */
  readonly entry: PictureEntry | undefined;
  /** What is counted: all frames of a video. */
  readonly whole: Whole | undefined;
  readonly frames: readonly ShownFrame[];
  /** Which of {@link frames}. */
  readonly at: number;
  lookAt(frame: number): void;
}

/** The frame of a video that is looked at, the first at first; of a picture the picture. */
export function useShown(entry: PictureEntry | undefined, { inspection, film }: Drawn): Shown {
  const [chosen, lookAt] = useState(0);
  useEffect(() => lookAt(0), [entry?.id]);
  if (film === undefined || entry === undefined || film.frames.length === 0)
    return { inspection, entry, whole: inspection, frames: [], at: 0, lookAt };
  const { frames, statistics } = film;
  const at = Math.min(chosen, frames.length - 1);
  const { url, picture, frame, inspection: own } = frames[at]!;
  return {
    inspection: own,
    entry: { ...entry, url, blob: picture, name: `${entry.name}, frame ${frame + 1}` },
    whole: { statistics, regions: frames.flatMap((each) => [...each.inspection.regions]) },
    frames,
    at,
    lookAt,
  };
}
