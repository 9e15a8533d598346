import type { Focus, StageModel } from "./stage-model.js";

/** Who is told what a reader does on a stage. */
export interface StageListener {
  /** The pointer or the cursor of the keyboard is on it; undefined: on nothing. */
  hover(focus: Focus | undefined): void;
  /** It is to stay when the pointer leaves; undefined: nothing is. */
  pin(focus: Focus | undefined): void;
  /** The keyboard's cursor has come to a patch; undefined: it is nowhere. */
  walk?(focus: Focus | undefined): void;
}

/** A stage that listens. */
export interface LiveStage {
  /** Draws what went where for what is pointed at; for undefined nothing. */
  trace(focus: Focus | undefined): void;
  /** Takes the listeners and the trace away. */
  end(): void;
}

/**
 * Brings a drawn stage to life: pointer, touch and keys lead to patches, and lines show what went where. It stands in pages of one
 * file as its own source text, so it uses nothing from outside itself but what it is handed.
 *
 * @param host what has the keyboard's focus, with the drawing's SVG in it
 */
export function liveStage(
  host: HTMLElement,
  model: StageModel,
  colours: Readonly<Record<string, string>>,
  on: StageListener,
): LiveStage {
  const svg = host.querySelector("svg") as SVGSVGElement;
  const stop = new AbortController();
  const { signal } = stop;
  let cursor: number | undefined;
  let drawn: Element | undefined;

  const under = (event: MouseEvent): Focus | undefined => {
    const matrix = svg.getScreenCTM();
    if (matrix === null) return undefined;
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    const patch = model.patchAt(x, y);
    return patch === undefined ? undefined : model.focusOf(patch);
  };
  const goTo = (patch: number | undefined) => {
    cursor = patch;
    const focus = patch === undefined ? undefined : model.focusOf(patch);
    on.hover(focus);
    on.walk?.(focus);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ((event.key === "Enter" || event.key === " ") && cursor !== undefined) on.pin(model.focusOf(cursor));
    else if (event.key === "Escape") {
      on.pin(undefined);
      goTo(undefined);
    } else {
      const next = model.step(event.key, cursor);
      if (next === undefined) return;
      goTo(next);
    }
    event.preventDefault();
  };
  svg.addEventListener("pointermove", (event) => event.pointerType !== "touch" && on.hover(under(event)), {
    signal,
  });
  svg.addEventListener("pointerleave", () => on.hover(undefined), { signal });
  svg.addEventListener("click", (event) => on.pin(under(event)), { signal });
  host.addEventListener("keydown", onKey, { signal });
  host.addEventListener("blur", () => goTo(undefined), { signal });

  const add = (name: string, attributes: Readonly<Record<string, string | number>>, to: Element) => {
    const element = document.createElementNS(svg.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    to.append(element);
    return element;
  };
  const middle = (patch: number) => {
    const { x, y, width, height } = model.locate(patch);
    return { x: x + width / 2, y: y + height / 2 };
  };
  const mark = (patch: number, attributes: Readonly<Record<string, string | number>>, to: Element) => {
    const { x, y, width, height } = model.locate(patch);
    add("rect", { x, y, width, height, rx: 2, ...attributes }, to);
  };
  const trace = (focus: Focus | undefined) => {
    drawn?.remove();
    drawn = undefined;
    host.toggleAttribute("data-tracing", focus !== undefined);
    if (focus === undefined) return;
    const { own, kind, links } = model.detail(focus);
    const colour = colours[kind] ?? "#ffffff";
    const group = add("g", { class: "trace" }, svg);
    for (const { patch, share } of links) {
      if (patch < 0) continue; // a visual token that stands nowhere
      const strength = 0.35 + 0.65 * share;
      if (own >= 0) {
        const [from, to] = [middle(patch), middle(own)];
        const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
        add("line", { ...ends, stroke: colour, "stroke-opacity": strength }, group);
      }
      mark(patch, { class: "linked", "stroke-opacity": strength, "fill-opacity": 0.08 + 0.3 * share }, group);
    }
    if (own >= 0) mark(own, { class: "own", stroke: colour }, group);
    drawn = group;
  };
  const end = () => {
    stop.abort();
    trace(undefined);
  };
  return { trace, end };
}
