import type { Rectangle } from "../image/index.js";

/** A number as SVG wants it: at most two decimals, never in exponent form. */
export function num(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}

/** Text made safe inside SVG and HTML, attributes included. */
export function escapeText(text: string): string {
  const names: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (found) => names[found]).replace(/[\p{Cc}\p{Cs}]/gu, " ");
}

/** The four attributes of a rectangle. */
export function box({ x, y, width, height }: Rectangle): string {
  return `x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}"`;
}

/** A rectangle as a closed path, to draw many as one element. */
export function rectanglePath({ x, y, width, height }: Rectangle): string {
  return `M${num(x)} ${num(y)}h${num(width)}v${num(height)}h${num(-width)}z`;
}
