import { useMemo } from "preact/hooks";
import { plural, stageLayers, stagePicture, stageSvg } from "prumerge/drawing";
import type { ShownFrame } from "../backend/model-backend.js";
import { stageOf } from "../stage/stage-of.js";

interface Props {
  readonly frames: readonly ShownFrame[];
  /** The one that is looked at. */
  readonly at: number;
  onLook(at: number): void;
}

/** The frames of a video that the model was shown, with what is kept of each, in the order of time. */
export function FrameStrip({ frames, at, onLook }: Props) {
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step === undefined ? undefined : frames[at + step] && at + step;
    if (next === undefined) return;
    event.preventDefault();
    onLook(next);
    (event.currentTarget as HTMLElement).querySelectorAll("button")[next]?.focus();
  };
  return (
    <fieldset class="frames" onKeyDown={onKeyDown}>
      <legend class="visually-hidden">Frames of the video</legend>
      {frames.map((frame, index) => (
        <button
          key={index}
          type="button"
          class="frame-thumb"
          aria-pressed={index === at}
          tabIndex={index === at ? 0 : -1}
          onClick={() => onLook(index)}
        >
          <Thumb frame={frame} />
          <Words shown={frame} />
        </button>
      ))}
    </fieldset>
  );
}

function Thumb({ frame: { inspection, url } }: { readonly frame: ShownFrame }) {
  const { stage } = stageOf(inspection);
  const drawing = useMemo(
    () => ({ __html: stageSvg(stage, stagePicture(stage, url), stageLayers(inspection, stage).kept) }),
    [inspection, stage, url],
  );
  const { x, y, width, height } = stage.box;
  return (
    <svg viewBox={`${x} ${y} ${width} ${height}`} aria-hidden="true" dangerouslySetInnerHTML={drawing} />
  );
}

function tokensOf({ inspection }: ShownFrame): number {
  return inspection.rows.length;
}

/** What a frame is called: number, time and tokens, of which the strip shows the last two. */
function Words({ shown }: { readonly shown: ShownFrame }) {
  const { frame, seconds, borrowed } = shown;
  const rows = tokensOf(shown);
  const merged = borrowed === 0 ? "" : `, ${plural(borrowed, "patch", "patches")} of other frames merged in`;
  return (
    <span class="frame-count">
      <span class="visually-hidden">{`Frame ${frame + 1}${seconds === undefined ? "" : " at "}`}</span>
      {seconds !== undefined && <span>{seconds.toFixed(1)} s</span>}
      <span class="visually-hidden">: </span>
      <span class="number">{rows}</span>
      <span class="visually-hidden">{` visual token${rows === 1 ? "" : "s"}${merged}`}</span>
    </span>
  );
}
