import { type Inspection, weight } from "prumerge/drawing";
import type { Pointing } from "../state/focus.js";
import { stageOf } from "./stage-of.js";

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
  const { title, place, kind, lines, links } = stageOf(inspection).model.detail(focus);
  return (
    <div class={`detail kind-${kind}`}>
      <h3>
        {title}
        {place !== "" && <small>{place}</small>}
      </h3>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {links.length > 0 && (
        <ul>
          {links.slice(0, mostListed).map(({ name, share, weight: value }) => (
            <li key={name}>
              <span>{name}</span>
              <span class="track" aria-hidden="true">
                <span style={{ width: `${100 * share}%` }} />
              </span>
              <span class="number">{weight(value)}</span>
            </li>
          ))}
        </ul>
      )}
      {links.length > mostListed && <p>and {links.length - mostListed} more</p>}
    </div>
  );
}
