import type { PageData, PageView } from "../page-data.js";

/** What a reader points at: a visual token by its row, or a patch. */
export type Focus =
  | { readonly kind: "token"; readonly row: number }
  | { readonly kind: "patch"; readonly patch: number };

/** A patch that has to do with what is pointed at. */
export interface Link {
  readonly patch: number;
  readonly weight: number;
  /** 0 to 1, of the heaviest. */
  readonly share: number;
  /** What it is, to be pointed at next. */
  readonly focus: Focus;
  /** What to call it: its place, or the visual token on it. */
  readonly name: string;
}

/** What is said and drawn of what is pointed at. */
export interface FocusDetail {
  readonly title: string;
  /** Where it lies; empty for what stands on no patch. */
  readonly place: string;
  /** Whose colour it has. */
  readonly kind: PageData["tokens"][number]["kind"] | "patch";
  readonly lines: readonly string[];
  /** Its patch, -1 for none. */
  readonly own: number;
  /** Patches merged into a visual token, or visual tokens that a patch went into, the heaviest first. */
  readonly links: readonly Link[];
}

/**
 * Everything that a page knows of an inspection while someone points at it: where patches lie, where a key leads, what went
 * where, and the words for it. It stands in pages of one file as its own source text, so it uses nothing from outside itself.
 */
export function stageModel(data: PageData) {
  const { views, box, tokens, attention, attentionName } = data;
  const count = views.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const owner = new Array<number>(count).fill(-1);
  const goesTo: { readonly row: number; readonly weight: number }[][] = Array.from(
    { length: count },
    () => [],
  );
  for (const [row, { patch, sources }] of tokens.entries()) {
    if (patch >= 0) owner[patch] = row;
    for (let i = 0; i < sources.length; i += 2) goesTo[sources[i]!]?.push({ row, weight: sources[i + 1]! });
  }

  /** The view that a patch is of, its row and column there, and its rectangle in the drawing. */
  const locate = (
    patch: number,
  ): { view: PageView; row: number; column: number; x: number; y: number; width: number; height: number } => {
    const view = views.findLast(({ first }) => first <= patch) ?? views[0]!;
    const row = Math.floor((patch - view.first) / view.columns);
    const column = (patch - view.first) % view.columns;
    const [left, top, width, height] = view.at;
    return { view, row, column, x: left + column * width, y: top + row * height, width, height };
  };
  /** `row 5, column 12 of tile 3`, counted from 1. */
  const place = (patch: number) => {
    const { view, row, column } = locate(patch);
    return `row ${row + 1}, column ${column + 1}${view.name === "" ? "" : ` of ${view.name}`}`;
  };
  /** The patch at a point of the drawing, where one shows the picture. */
  const patchAt = (x: number, y: number): number | undefined => {
    for (const { first, columns, inside, at } of views) {
      const row = Math.floor((y - at[1]) / at[3]);
      const column = Math.floor((x - at[0]) / at[2]);
      const [top, left, down, across] = inside;
      if (row >= top && row < top + down && column >= left && column < left + across)
        return first + row * columns + column;
    }
    return undefined;
  };
  const focusOf = (patch: number): Focus =>
    owner[patch]! >= 0 ? { kind: "token", row: owner[patch]! } : { kind: "patch", patch };
  const patchOf = (focus: Focus): number =>
    focus.kind === "patch" ? focus.patch : (tokens[focus.row]?.patch ?? -1);

  /** The patches on the way from one, nearest first: those beside it, and behind padding and in the next panels. */
  const beside = (from: number, right: number, down: number): number[] => {
    const [boxX, boxY, boxWidth, boxHeight] = box;
    const found: number[] = [];
    let { x, y, width, height } = locate(from);
    [x, y] = [x + width / 2, y + height / 2];
    for (;;) {
      x += right * width;
      y += down * height;
      if (x < boxX || y < boxY || x > boxX + boxWidth || y > boxY + boxHeight) return found;
      const next = patchAt(x, y);
      if (next === undefined) continue;
      found.push(next);
      const there = locate(next);
      ({ width, height } = there);
      [x, y] = [there.x + width / 2, there.y + height / 2];
    }
  };
  /**
   * The patch to which a key leads; undefined for keys that lead nowhere. Arrows go on into the next panel; the others stay in the
   * patch's own view, but for `n` and `p`, which go to the next and the previous kept patch. The first key enters at the middle.
   */
  const step = (key: string, from: number | undefined): number | undefined => {
    const ways: Readonly<Record<string, readonly [right: number, down: number, most: number]>> = {
      ArrowLeft: [-1, 0, 1],
      ArrowRight: [1, 0, 1],
      ArrowUp: [0, -1, 1],
      ArrowDown: [0, 1, 1],
      PageUp: [0, -1, 6],
      PageDown: [0, 1, 6],
      Home: [-1, 0, Number.POSITIVE_INFINITY],
      End: [1, 0, Number.POSITIVE_INFINITY],
    };
    if (key === "n" || key === "p") {
      const kept = tokens.map(({ patch }) => patch).filter((patch) => patch >= 0);
      kept.sort((a, b) => a - b);
      return key === "n"
        ? (kept.find((patch) => patch > (from ?? -1)) ?? kept[0])
        : (kept.findLast((patch) => patch < (from ?? count)) ?? kept.at(-1));
    }
    const way = ways[key];
    if (way === undefined) return undefined;
    if (from === undefined) {
      const { first, columns, inside } =
        views.find((view) => view.inside[2] * view.inside[3] > 0) ?? views[0]!;
      const [top, left, down, across] = inside;
      return first + (top + Math.floor(down / 2)) * columns + left + Math.floor(across / 2);
    }
    const [right, down, most] = way;
    const own = locate(from).view;
    const all = beside(from, right, down);
    const within = most === 1 ? all : all.filter((patch) => locate(patch).view === own);
    return within[Math.min(most, within.length) - 1] ?? from;
  };

  /** Three significant digits. */
  const short = (value: number) => String(Number(value.toPrecision(3)));
  const plural = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
  const attended = (patch: number) => {
    const value = patch < 0 ? undefined : attention[patch];
    return value === undefined ? "" : `${attentionName} ${short(value)}`;
  };
  const reason = (row: number) => {
    const { kind, patch } = tokens[row]!;
    const words = attended(patch);
    if (kind === "outlier") return `${words}, above the fence`;
    if (kind === "global") return "the global token: everything that no other token holds, summed";
    if (kind === "class") return "the class token";
    return words === "" ? "kept" : `${words}, below the fence`;
  };
  const linked = (all: readonly Omit<Link, "share">[]): Link[] => {
    const most = Math.max(...all.map(({ weight }) => Math.abs(weight)), Number.MIN_VALUE);
    return all
      .map((link) => ({ ...link, share: Math.abs(link.weight) / most }))
      .sort((a, b) => b.weight - a.weight);
  };
  const tokenDetail = (row: number): FocusDetail => {
    const { patch: own, kind, sources } = tokens[row]!;
    const merged: Omit<Link, "share">[] = [];
    for (let i = 0; i < sources.length; i += 2) {
      const [patch, weight] = [sources[i]!, sources[i + 1]!];
      if (patch === own || patch >= count) continue;
      merged.push({ patch, weight, focus: { kind: "patch", patch }, name: place(patch) });
    }
    const others = plural(merged.length, "other patch", "other patches");
    return {
      title: `Visual token ${row + 1}`,
      place: own < 0 ? "" : place(own),
      kind,
      lines: [reason(row), `${others} merged in`],
      own,
      links: linked(merged),
    };
  };
  const patchDetail = (patch: number): FocusDetail => {
    const ways = goesTo[patch] ?? [];
    const names = ways.map(({ row }) => (tokens[row]!.patch < 0 ? "the global token" : String(row + 1)));
    const went = `It was not kept; it went into ${ways.length === 1 ? "visual token" : "visual tokens"} ${names.join(", ")}.`;
    return {
      title: "Patch",
      place: place(patch),
      kind: "patch",
      lines: [attended(patch), ways.length === 0 ? "It was left out." : went].filter((line) => line !== ""),
      own: patch,
      links: linked(
        ways.map(({ row, weight }) => ({
          patch: tokens[row]!.patch,
          weight,
          focus: { kind: "token", row },
          name: tokens[row]!.patch < 0 ? "the global token" : `visual token ${row + 1}`,
        })),
      ),
    };
  };
  const detail = (focus: Focus): FocusDetail =>
    focus.kind === "token" ? tokenDetail(focus.row) : patchDetail(focus.patch);

  /** What is pointed at, in a sentence or two. */
  const say = (focus: Focus): string => {
    const told = detail(focus);
    if (focus.kind === "patch") {
      const went = told.lines.at(-1)!.replace(/^It /, "");
      return `The patch at ${told.place} ${went}`;
    }
    const stands = told.place === "" ? "" : ` stands on the patch at ${told.place}`;
    return `${told.title}${stands}: ${told.lines.join(". ")}.`;
  };

  return { locate, place, patchAt, focusOf, patchOf, step, detail, say };
}

export type StageModel = ReturnType<typeof stageModel>;
