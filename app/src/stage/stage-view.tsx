import { useId, useMemo, useRef, useState } from "preact/hooks";
import type { JSX } from "preact/jsx-runtime";
import { createStage, type Inspection, patchAt, type Stage } from "prumerge/drawing";
import { type Focus, type Pointing, rowOn } from "../state/focus.js";
import { describeFocus } from "./describe-focus.js";
import { HeatLayer, KeptLayer } from "./layers.js";
import { moveCursor } from "./move-cursor.js";
import { TraceLayer } from "./trace-layer.js";

/** What is drawn over the picture. */
export type StageLayer = "kept" | "attention" | "merged" | "none";

interface Props {
  readonly inspection: Inspection;
  readonly url: string;
  readonly layer: StageLayer;
  readonly pointing: Pointing;
}

/** The picture with what became of its patches; patches are reached by pointer, touch and arrow keys. */
export function StageView({ inspection, url, layer, pointing }: Props) {
  const stage = useMemo(() => createStage(inspection), [inspection]);
  const [cursor, setCursor] = useState<number>();
  const svg = useRef<SVGSVGElement>(null);
  const hint = useId();
  const { box, panels } = stage;
  const focusOf = (patch: number): Focus => {
    const row = rowOn(inspection, patch);
    return row >= 0 ? { kind: "token", row } : { kind: "patch", patch };
  };
  const under = (event: PointerEvent | MouseEvent): Focus | undefined => {
    const patch = patchUnder(stage, svg.current!, event);
    return patch === undefined ? undefined : focusOf(patch);
  };
  const goTo = (patch: number | undefined) => {
    setCursor(patch);
    pointing.hover(patch === undefined ? undefined : focusOf(patch));
  };
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLDivElement>) => {
    if ((event.key === "Enter" || event.key === " ") && cursor !== undefined) pointing.pin(focusOf(cursor));
    else if (event.key === "Escape") {
      pointing.pin(undefined);
      goTo(undefined);
    } else {
      const next = moveCursor(event.key, cursor, stage);
      if (next === undefined) return;
      goTo(next);
    }
    event.preventDefault();
  };
  return (
    <>
      <div
        class="stage"
        role="application"
        aria-roledescription="patch grid"
        aria-label={`Picture ${inspection.name ?? ""}: ${extent(inspection)}`}
        aria-describedby={hint}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk over the patches
        tabIndex={0}
        data-tracing={pointing.focus === undefined ? undefined : ""}
        onKeyDown={onKeyDown}
        onBlur={() => goTo(undefined)}
      >
        <svg
          ref={svg}
          viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
          aria-hidden="true"
          onPointerMove={(event) => event.pointerType !== "touch" && pointing.hover(under(event))}
          onPointerLeave={() => pointing.hover(undefined)}
          onClick={(event) => pointing.pin(under(event))}
        >
          {panels.map(({ name, grid, picture }) => (
            <g key={name}>
              <rect {...grid} class="padding" />
              <image {...picture} class="panel-picture" href={url} preserveAspectRatio="none" />
              <text x={picture.x} y={picture.y - 9} class="panel-name">
                {name}
              </text>
            </g>
          ))}
          {layer === "kept" && <KeptLayer inspection={inspection} stage={stage} />}
          {(layer === "attention" || layer === "merged") && (
            <HeatLayer inspection={inspection} stage={stage} layer={layer} />
          )}
          <Unseen stage={stage} />
          <TraceLayer inspection={inspection} stage={stage} focus={pointing.focus} />
        </svg>
      </div>
      <p id={hint} class="visually-hidden">
        Arrow keys walk over the patches, Enter keeps one in view, Escape leaves it.
      </p>
      <p class="visually-hidden" aria-live="polite">
        {cursor !== undefined && describeFocus(inspection, focusOf(cursor))}
      </p>
    </>
  );
}

/** How many patches there are. */
function extent({ regions, grid }: Inspection): string {
  if (regions.length > 1) return `${regions.length} views`;
  return `${grid.rows} by ${grid.columns} patches`;
}

/** A veil over what the vision tower never saw. */
function Unseen({ stage: { box, panels } }: { readonly stage: Stage }) {
  const { grid } = panels[0]!;
  if (panels.length > 1) return null; // the whole picture is one of the views
  if (box.width <= grid.width + 0.5 && box.height <= grid.height + 0.5) return null;
  const outline = ({ x, y, width, height }: typeof box) => `M${x} ${y}h${width}v${height}h${-width}z`;
  return <path class="unseen" fill-rule="evenodd" d={outline(box) + outline(grid)} />;
}

function patchUnder(stage: Stage, svg: SVGSVGElement, event: MouseEvent): number | undefined {
  const matrix = svg.getScreenCTM();
  if (matrix === null) return undefined;
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
  return patchAt(stage, x, y);
}
