import { useMemo } from "preact/hooks";
import { type Inspection, legendHtml } from "prumerge/drawing";
import type { StageLayer } from "./stage-view.js";

/** What the colours over the picture mean. */
export function Legend({
  inspection,
  layer,
}: {
  readonly inspection: Inspection;
  readonly layer: StageLayer;
}) {
  const words = useMemo(
    () => ({ __html: layer === "none" ? "" : legendHtml(inspection, layer) }),
    [inspection, layer],
  );
  if (layer === "none") return null;
  return <div dangerouslySetInnerHTML={words} />;
}
