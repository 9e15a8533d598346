import type { RowKind } from "./inspection.js";

/** Colours of a page or figure; 6-digit hexadecimal. */
export interface Palette {
  readonly paper: string;
  readonly card: string;
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly outlier: string;
  readonly sample: string;
  readonly fence: string;
}

export const lightPalette: Palette = {
  paper: "#ffffff",
  card: "#f5f7f9",
  ink: "#16191d",
  muted: "#5c6773",
  line: "#d9dfe5",
  outlier: "#c25e00",
  sample: "#0a7fa5",
  fence: "#c8303a",
};

export const darkPalette: Palette = {
  paper: "#0e1216",
  card: "#161c22",
  ink: "#e9eef3",
  muted: "#98a5b2",
  line: "#2a333d",
  outlier: "#ffa733",
  sample: "#4cc3ea",
  fence: "#ff6b70",
};

/** On the picture itself: bright in either theme, told apart in every form of colour blindness. */
export const markColours: Readonly<Record<RowKind, string>> = {
  outlier: "#ffb020",
  sample: "#53d0ff",
  kept: "#ffb020",
  global: "#e9eef3",
  class: "#e9eef3",
};

/** Over patches that were left out. */
export const dimColour = "#080b0e";

/** floor(255 x mean) of CLIP, with which pictures are padded. */
export const paddingColour = "#7a7468";

const rampStops = [
  [22, 14, 46],
  [84, 24, 105],
  [166, 45, 96],
  [229, 92, 48],
  [251, 164, 36],
  [250, 235, 150],
] as const;

/** Dark violet over red to pale yellow, for 0 to 1; lightness rises throughout. */
export function rampColour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (rampStops.length - 1);
  const from = Math.min(rampStops.length - 2, Math.floor(at));
  const mixed = rampStops[from].map((value, c) => value + (rampStops[from + 1][c] - value) * (at - from));
  return `#${mixed.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}
