import { cell, type Inspection, markColours, middle, type Stage } from "prumerge/drawing";
import type { Focus } from "../state/focus.js";

interface Props {
  readonly inspection: Inspection;
  readonly stage: Stage;
  readonly focus: Focus | undefined;
}

interface Link {
  readonly from: number;
  readonly to: number;
  /** 0 to 1, of the strongest. */
  readonly share: number;
}

/** The patches merged into a visual token, or the visual tokens that a patch went into, with lines between them. */
export function TraceLayer({ inspection, stage, focus }: Props) {
  if (focus === undefined) return null;
  const own = focus.kind === "patch" ? focus.patch : inspection.rows[focus.row]!.keptPatch;
  const links = focus.kind === "patch" ? linksFrom(inspection, focus.patch) : linksTo(inspection, focus.row);
  const colour = focus.kind === "patch" ? markColours.global : markColours[inspection.rows[focus.row]!.kind];
  return (
    <g class="trace">
      {links.map(({ from, to, share }) => {
        const [start, end] = [middle(stage, from), middle(stage, to)];
        const other = focus.kind === "patch" ? to : from;
        const strength = 0.35 + 0.65 * share;
        return (
          <g key={`${from} ${to}`}>
            {own >= 0 && (
              <line
                x1={start.x}
                y1={start.y}
                x2={end.x}
                y2={end.y}
                stroke={colour}
                stroke-opacity={strength}
              />
            )}
            <rect
              {...cell(stage, other)}
              rx={2}
              class="linked"
              stroke-opacity={strength}
              fill-opacity={0.08 + 0.3 * share}
            />
          </g>
        );
      })}
      {own >= 0 && <rect {...cell(stage, own)} rx={2} class="own" stroke={colour} />}
    </g>
  );
}

function linksTo({ rows, plan }: Inspection, row: number): Link[] {
  const { keptPatch, sources } = rows[row]!;
  const others = sources.filter(({ patch }) => patch !== keptPatch && patch < plan.patches);
  const most = Math.max(...others.map(({ weight }) => Math.abs(weight)), Number.MIN_VALUE);
  return others.map(({ patch, weight }) => ({ from: patch, to: keptPatch, share: Math.abs(weight) / most }));
}

function linksFrom({ rows, patchRows }: Inspection, patch: number): Link[] {
  return patchRows[patch]!.filter(({ row }) => rows[row]!.keptPatch >= 0).map(({ row }) => ({
    from: patch,
    to: rows[row]!.keptPatch,
    share: 1,
  }));
}
