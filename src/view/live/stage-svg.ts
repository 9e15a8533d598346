import type { Inspection } from "../inspection.js";
import {
  dimLayer,
  heatLayer,
  keptLayer,
  mergeShares,
  panelNames,
  pictureLayer,
  unseenLayer,
} from "../overlay.js";
import type { Stage } from "../stage.js";
import { attentionStrengths } from "../strength.js";

/** What is drawn over the picture; undefined where no attention is known. */
export interface StageLayers {
  readonly kept: string;
  readonly attention: string | undefined;
  readonly merged: string;
}

/** The layers of a stage as SVG, each drawn when it is read. */
export function stageLayers(inspection: Inspection, stage: Stage): StageLayers {
  return {
    get kept() {
      return `${dimLayer(inspection, stage)}<g class="marks">${keptLayer(inspection, stage)}</g>`;
    },
    get attention() {
      const strengths = attentionStrengths(inspection);
      return strengths && `<g class="marks heat">${heatLayer(stage, strengths)}</g>`;
    },
    get merged() {
      return `<g class="marks heat">${heatLayer(stage, mergeShares(inspection))}</g>`;
    },
  };
}

/**
 * What is in the SVG of a stage: the picture in its panels, what is drawn over it, and a veil over what the tower never saw. Colours
 * of the page round it are its variables `--paper` and `--muted`.
 *
 * @param picture as {@link stagePicture} makes it
 */
export function stageSvg(stage: Stage, picture: string, over: string): string {
  return `${picture}${over}${unseenLayer(stage, "var(--paper)")}${panelNames(stage, "var(--muted)")}`;
}

/** The picture in each panel. */
export function stagePicture(stage: Stage, href: string): string {
  return pictureLayer(stage, href);
}
