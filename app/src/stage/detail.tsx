import { attentionName, type Inspection, weight } from "prumerge/drawing";
import type { Focus, Pointing } from "../state/focus.js";
import { describePatch, placeOf, reasonOf } from "./describe-focus.js";

const mostListed = 6;

/** What the pointed-at token is made of, or where the pointed-at patch went, with numbers. */
export function Detail({
  inspection,
  pointing,
}: {
  readonly inspection: Inspection;
  readonly pointing: Pointing;
}) {
  const { focus } = pointing;
  if (focus === undefined) {
    return (
      <p class="hint">
        Point at a patch or at a visual token to see what was merged where. Click, tap or press Enter to keep
        it in view.
      </p>
    );
  }
  return focus.kind === "token" ? (
    <TokenDetail inspection={inspection} row={focus.row} />
  ) : (
    <PatchDetail inspection={inspection} focus={focus} />
  );
}

function TokenDetail({ inspection, row }: { readonly inspection: Inspection; readonly row: number }) {
  const { keptPatch, sources, kind } = inspection.rows[row]!;
  const others = sources.filter(({ patch }) => patch !== keptPatch && patch < inspection.plan.patches);
  const strongest = [...others].sort((a, b) => b.weight - a.weight).slice(0, mostListed);
  const most = Math.max(...strongest.map(({ weight: share }) => share), Number.MIN_VALUE);
  return (
    <div class={`detail kind-${kind}`}>
      <h3>
        Visual token {row + 1}
        {keptPatch >= 0 && <small>{placeOf(inspection, keptPatch)}</small>}
      </h3>
      <p>{reasonOf(inspection, row)}</p>
      {others.length > 0 && (
        <>
          <p>
            {others.length} {others.length === 1 ? "patch" : "patches"} merged in
            {others.length > mostListed ? ", the heaviest:" : ":"}
          </p>
          <ul>
            {strongest.map(({ patch, weight: share }) => (
              <li key={patch}>
                <span>{placeOf(inspection, patch)}</span>
                <span class="track" aria-hidden="true">
                  <span style={{ width: `${(100 * Math.max(0, share)) / most}%` }} />
                </span>
                <span class="number">{weight(share)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function PatchDetail({
  inspection,
  focus,
}: {
  readonly inspection: Inspection;
  readonly focus: Extract<Focus, { kind: "patch" }>;
}) {
  const attention = inspection.levels?.[focus.patch];
  return (
    <div class="detail kind-patch">
      <h3>
        Patch<small>{placeOf(inspection, focus.patch)}</small>
      </h3>
      {attention !== undefined && <p>{`${attentionName(inspection)} ${weight(attention)}`}</p>}
      <p>{describePatch(inspection, focus.patch, "It")}</p>
    </div>
  );
}
