import { memo } from "preact/compat";
import { useRef } from "preact/hooks";
import type { JSX } from "preact/jsx-runtime";
import { type Focus, type Inspection, markColours, patchPlace } from "prumerge/drawing";
import type { Pointing } from "../state/focus.js";
import { describeFocus } from "./describe-focus.js";

interface Props {
  readonly inspection: Inspection;
  readonly url: string;
  readonly pointing: Pointing;
}

/** Pixels of one thumbnail; the style sheet has the same. */
const side = 30;

/** The visual tokens as the language model gets them, in its order, each as the patch that it stands on. */
export function TokenStrip({ inspection, url, pointing }: Props) {
  const list = useRef<HTMLFieldSetElement>(null);
  const current = pointing.focus?.kind === "token" ? pointing.focus.row : -1;
  const partners =
    pointing.focus?.kind === "patch"
      ? new Set(inspection.patchRows[pointing.focus.patch]?.map(({ row }) => row))
      : undefined;
  const onKeyDown = (event: JSX.TargetedKeyboardEvent<HTMLFieldSetElement>) => {
    const buttons = [...list.current!.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: buttons.length - 1,
    };
    const next = steps[event.key];
    if (event.key === "Escape") pointing.pin(undefined);
    if (next === undefined) return;
    buttons[Math.min(buttons.length - 1, Math.max(0, next))]?.focus();
    event.preventDefault();
  };
  return (
    <fieldset ref={list} class="tokens" onKeyDown={onKeyDown}>
      <legend class="visually-hidden">Visual tokens, in the language model's order</legend>
      {inspection.rows.map((_, row) => (
        <Token
          key={row}
          inspection={inspection}
          url={url}
          row={row}
          state={row === current ? "current" : partners?.has(row) ? "partner" : undefined}
          first={row === Math.max(0, current)}
          hover={pointing.hover}
          pin={pointing.pin}
        />
      ))}
    </fieldset>
  );
}

interface TokenProps extends Pick<Pointing, "hover" | "pin"> {
  readonly inspection: Inspection;
  readonly url: string;
  readonly row: number;
  readonly state: "current" | "partner" | undefined;
  /** Whether the tab key leads here. */
  readonly first: boolean;
}

const Token = memo(({ inspection, url, row, state, first, hover, pin }: TokenProps) => {
  const { keptPatch, kind } = inspection.rows[row]!;
  const focus: Focus = { kind: "token", row };
  return (
    <button
      type="button"
      class={`token token-${kind}`}
      data-state={state}
      tabIndex={first ? 0 : -1}
      aria-label={describeFocus(inspection, focus)}
      style={
        keptPatch < 0 ? {} : { ...thumbnail(inspection, url, keptPatch), borderColor: markColours[kind] }
      }
      onPointerEnter={() => hover(focus)}
      onPointerLeave={() => hover(undefined)}
      onFocus={() => hover(focus)}
      onBlur={() => hover(undefined)}
      onClick={() => pin(focus)}
    >
      {keptPatch < 0 ? <span aria-hidden="true">{kind === "class" ? "CLS" : "+"}</span> : null}
    </button>
  );
});

/** The patch as a part of the whole picture, scaled to the thumbnail. */
function thumbnail({ picture, regions }: Inspection, url: string, patch: number): JSX.CSSProperties {
  const { x, y, width, height } = patchPlace(regions, patch).rectangle;
  const [across, down] = [side / width, side / height];
  return {
    backgroundImage: `url("${url}")`,
    backgroundSize: `${picture.width * across}px ${picture.height * down}px`,
    backgroundPosition: `${-x * across}px ${-y * down}px`,
  };
}
