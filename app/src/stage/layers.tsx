import { memo } from "preact/compat";
import {
  attentionStrengths,
  cell,
  type Inspection,
  markColours,
  mergeShares,
  rampColour,
  type Stage,
  shownSites,
} from "prumerge/drawing";

interface Props {
  readonly inspection: Inspection;
  readonly stage: Stage;
}

/** Darkens what was left out and outlines what was kept, brighter with more attention. */
export const KeptLayer = memo(({ inspection, stage }: Props) => {
  const kept = new Set(inspection.plan.keptPatches);
  const strengths = attentionStrengths(inspection);
  const dimmed = shownSites(stage)
    .filter((patch) => !kept.has(patch))
    .map((patch) => outline(cell(stage, patch)))
    .join("");
  return (
    <g class="marks">
      <path class="dimmed" d={dimmed} />
      {inspection.rows.map(({ keptPatch, kind }, row) => {
        if (keptPatch < 0) return null;
        const strength = strengths?.[keptPatch] ?? 0.5;
        const { x, y, width, height } = cell(stage, keptPatch);
        const line = Math.min(1.2 + 2 * strength, 0.3 * Math.min(width, height));
        return (
          <rect
            key={row}
            x={x + line / 2}
            y={y + line / 2}
            width={width - line}
            height={height - line}
            rx={2}
            fill="none"
            stroke={markColours[kind]}
            stroke-width={line}
            stroke-opacity={0.35 + 0.65 * strength}
          />
        );
      })}
    </g>
  );
});

/** Every patch in the colour of its attention, or of how often it was merged. */
export const HeatLayer = memo(
  ({ inspection, stage, layer }: Props & { readonly layer: "attention" | "merged" }) => {
    const shares = layer === "attention" ? attentionStrengths(inspection) : mergeShares(inspection);
    return (
      <g class="marks heat">
        {shares !== undefined &&
          shownSites(stage).map((patch) => (
            <rect key={patch} {...cell(stage, patch)} fill={rampColour(shares[patch]!)} />
          ))}
      </g>
    );
  },
);

function outline({ x, y, width, height }: ReturnType<typeof cell>): string {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}
