import { useEffect, useMemo, useState } from "preact/hooks";
import type { Reduction } from "../backend/model-backend.js";
import { type Inspected, inspectPicture } from "./inspect-picture.js";
import type { PictureEntry } from "./session-state.js";

/** What is drawn, and whether something else is on its way. */
export interface Drawn extends Inspected {
  readonly waiting: boolean;
}

/**
 * {@link inspectPicture}, where there is a picture that the model has seen. While the model is being asked, what it told last of the
 * same picture stays.
 */
export function useInspection(entry: PictureEntry | undefined, reduction: Reduction): Drawn {
  const { id, seen } = entry ?? {};
  const asked = useMemo(() => {
    const stop = new AbortController();
    return { stop, told: seen && inspectPicture(seen, reduction, stop.signal) };
  }, [seen, reduction]);
  const [last, setLast] = useState<{
    readonly of: unknown;
    readonly id: unknown;
    readonly told: Inspected;
  }>();
  useEffect(() => {
    const { stop, told } = asked;
    if (told !== undefined) {
      void Promise.resolve(told).then((each) => {
        if (!stop.signal.aborted) setLast({ of: asked, id, told: each });
      });
    }
    return () => stop.abort();
  }, [asked, id]);
  const { told } = asked;
  if (told !== undefined && !(told instanceof Promise)) return { ...told, waiting: false };
  if (last?.of === asked) return { ...last.told, waiting: false };
  const { inspection, film } = (last?.id === id ? last?.told : undefined) ?? {};
  return { ...(inspection && { inspection }), ...(film && { film }), waiting: id !== undefined };
}
