import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import {
  type Inspection,
  type LiveStage,
  liveStage,
  markColours,
  stageLayers,
  stagePicture,
  stageSvg,
} from "prumerge/drawing";
import type { Pointing } from "../state/focus.js";
import { stageOf } from "./stage-of.js";

/** What is drawn over the picture. */
export type StageLayer = "kept" | "attention" | "merged" | "none";

interface Props {
  readonly inspection: Inspection;
  readonly url: string;
  readonly layer: StageLayer;
  readonly pointing: Pointing;
}

/**
 * The picture with what became of its patches; patches are reached by pointer, touch and arrow keys. Drawing and listening are the
 * library's, which the page of `prumerge inspect` has too.
 */
export function StageView({ inspection, url, layer, pointing }: Props) {
  const { stage, model } = stageOf(inspection);
  const host = useRef<HTMLDivElement>(null);
  const live = useRef<LiveStage>();
  const [said, say] = useState("");
  const hint = useId();
  const drawing = useMemo(() => {
    const over = layer === "none" ? undefined : stageLayers(inspection, stage)[layer];
    return { __html: stageSvg(stage, stagePicture(stage, url), over ?? "") };
  }, [inspection, stage, url, layer]);
  const { focus, hover, pin } = pointing;
  useEffect(() => {
    live.current = liveStage(host.current!, model, markColours, {
      hover,
      pin,
      walk: (to) => say(to === undefined ? "" : model.say(to)),
    });
    return () => live.current?.end();
  }, [model, hover, pin]);
  useEffect(() => live.current?.trace(focus), [model, drawing, focus]);
  const { x, y, width, height } = stage.box;
  return (
    <>
      <div
        ref={host}
        class="stage"
        role="application"
        aria-roledescription="patch grid"
        aria-label={`Picture ${inspection.name ?? ""}: ${extent(inspection)}`}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk over the patches
        tabIndex={0}
      >
        <svg
          viewBox={`${x} ${y} ${width} ${height}`}
          aria-hidden="true"
          dangerouslySetInnerHTML={drawing} // its words are escaped
        />
      </div>
      <p id={hint} class="visually-hidden">
        Arrow keys walk over the patches, n and p go to the next and previous kept one, Enter keeps one in
        view, Escape leaves it.
      </p>
      <p class="visually-hidden" aria-live="polite">
        {said}
      </p>
    </>
  );
}

/** How many patches there are. */
function extent({ regions, grid }: Inspection): string {
  if (regions.length > 1) return `${regions.length} views`;
  return `${grid.rows} by ${grid.columns} patches`;
}
